import { Command, CommanderError } from 'commander'
import { auditCommands } from './cli/audit.ts'
import { channelCommands } from './cli/channels.ts'
import { connectionCommands } from './cli/connections.ts'
import { CliError, EXIT } from './cli/context.ts'
import { ledgerCommands } from './cli/ledger-commands.ts'
import { orderCommands } from './cli/orders.ts'
import { printer } from './cli/output.ts'
import { failureCommands, keyCommands, sandboxCommands, stockCommands } from './cli/rest.ts'
import { serviceCommands } from './cli/services.ts'
import { stockPlaceCommands } from './cli/stock-places.ts'
import { stockPauseCommands } from './cli/stock-pause.ts'
import { stockRuleCommands } from './cli/stock-rules.ts'

const CODES = `
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 no hub reachable · 4 not found · 5 refused · 6 partly done
Settings come from the environment (docs/configuration.md); HUB_HOME says which hub is meant.`

const program = new Command('hub')
  .description('Channel Hub: orders in from every channel, stock and tracking back')
  .option('--json', 'machine-readable output')
  .addHelpText('after', CODES)
const out = (): ReturnType<typeof printer> => printer(program.opts<{ json?: boolean }>().json === true || process.argv.includes('--json'))

serviceCommands(program, out)
channelCommands(program, out)
connectionCommands(program, out)
orderCommands(program, out)
stockCommands(program, out)
stockPlaceCommands(program, out)
stockPauseCommands(program, out)
stockRuleCommands(program, out)
failureCommands(program, out)
ledgerCommands(program, out)
keyCommands(program, out)
auditCommands(program, out)
sandboxCommands(program, out)
for (const command of program.commands) acceptJson(command)
program.exitOverride()
// `hub … | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

/** --json may stand anywhere on the line. */
function acceptJson(command: Command): void {
  command.option('--json', 'machine-readable output').exitOverride()
  for (const child of command.commands) acceptJson(child)
}

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(out().json ? `${JSON.stringify({ error: message })}\n` : `${message}\n`)
  return error instanceof CliError ? error.exitCode : EXIT.failed
}
