import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { connectHub, EXIT } from './context.ts'
import { table, type Item, type Printer } from './output.ts'

interface Checked {
  readonly whole: boolean
  readonly entries: number
  readonly head: string | null
  readonly first_broken: string | null
  readonly head_found: boolean | null
}

interface Asked {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly from?: string
  readonly to?: string
}

const queryOf = ({ from, to, ...rest }: Asked): Readonly<Record<string, string | undefined>> => ({
  ...rest,
  from: from && new Date(from).toISOString(),
  to: to && new Date(to).toISOString(),
})

const withFilters = (command: Command): Command =>
  command
    .option('--actor <name>', 'user:<name> or key:<id>')
    .option('--action <name>', 'connection.change, or user.* for all of a kind')
    .option('--subject <id>')
    .option('--from <date>')
    .option('--to <date>', 'up to, and not including')

/** `hub audit`: who did what, and whether the log is whole. */
export function auditCommands(program: Command, out: () => Printer): void {
  const group = program.command('audit').description('who did what, and whether the log of it is whole')
  group
    .command('verify')
    .description('follow the chain of the log; exit code 1 when an entry was changed or taken away')
    .option('--head <hash>', 'a head noted earlier, which must still stand in the chain')
    .addHelpText('after', '\nExample: hub audit verify --json')
    .action(async (options: { head?: string }) => {
      const found = await (await connectHub()).get<Checked>('/v1/audit/verify', { head: options.head })
      out().result(found, () => sayChecked(found))
      if (!found.whole) process.exitCode = EXIT.failed
    })
  withFilters(group.command('list').description('the newest entries'))
    .addHelpText('after', '\nExample: hub audit list --action "user.*"')
    .action(async (options: Asked) => {
      const page = await (await connectHub()).get<{ items: readonly Item[] }>('/v1/audit', { ...queryOf(options), limit: 200 })
      out().result(page, () =>
        page.items.length === 0 ? 'No entries.' : table(page.items, { At: 'at', Actor: 'actor', Action: 'action', Subject: 'subject' }),
      )
    })
  withFilters(group.command('export <file>').description('entries as CSV'))
    .addHelpText('after', '\nExample: hub audit export audit.csv --from 2026-01-01')
    .action(async (file: string, options: Asked) => {
      const body = await (await connectHub()).stream('/v1/audit.csv', queryOf(options))
      await pipeline(Readable.from(body), createWriteStream(file, { mode: 0o600 }))
      out().result({ file }, () => `Wrote ${file}.`)
    })
}

function sayChecked(found: Checked): string {
  if (found.first_broken !== null) return `Entry ${found.first_broken} does not fit the ${found.entries} before it: the log was changed.`
  if (found.head_found === false) return `The ${found.entries} entries fit each other, but the given head is not among them: entries were taken away.`
  return `All ${found.entries} entries are as they were written. Head: ${found.head ?? 'none'} (note it elsewhere; a later check with --head proves that nothing is missing).`
}
