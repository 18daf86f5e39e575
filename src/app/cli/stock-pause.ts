import type { Command } from 'commander'
import { connectHub } from './context.ts'
import type { Printer } from './output.ts'

/** `hub stock pause` and `hub stock resume`: one SKU on all channels. */
export function stockPauseCommands(program: Command, out: () => Printer): void {
  const group = program.commands.find((command) => command.name() === 'stock') ?? program
  const tell = (verb: 'pause' | 'resume', said: (sku: string) => string) => async (sku: string, options: { reason: string }) => {
    const answer = await (await connectHub()).post(`/v1/skus/${encodeURIComponent(sku)}/${verb}`, { reason: options.reason })
    out().result(answer, () => said(sku))
  }
  group
    .command('pause <sku>')
    .description('tell no channel a level of this SKU until it goes on')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', '\nExample: hub stock pause TEA-1 --reason "recalled"')
    .action(tell('pause', (sku) => `No channel is told a level of ${sku} any more.`))
  group
    .command('resume <sku>')
    .description('tell channels the levels of this SKU again')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', '\nExample: hub stock resume TEA-1 --reason "checked"')
    .action(tell('resume', (sku) => `Channels are told the levels of ${sku} again.`))
}
