import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { CliError, connectHub, EXIT } from './context.ts'
import { findConnection } from './connections.ts'
import { followJob, type JobView } from './jobs.ts'
import { table, type Item, type Printer } from './output.ts'

interface Page {
  readonly items: readonly Item[]
}

const COLUMNS = {
  Day: 'day',
  Connection: 'connection_id',
  State: 'state',
  Channel: 'channel.orders',
  Hub: 'hub.orders',
  Off: 'differences',
  'Signed by': 'signature.by',
  Changed: 'changed_since',
}

/** The completeness ledger from the command line; signing takes a person and is done in the console. */
export function ledgerCommands(program: Command, out: () => Printer): void {
  const group = program.command('ledger').description('is everything there that the channels have?')
  group
    .command('list')
    .description('business days per connection; exit code 1 when one of them differs')
    .option('--from <day>', 'first day; six days before the last without it')
    .option('--to <day>', 'last day; today without it')
    .option('--connection <name>')
    .addHelpText('after', '\nExample: hub ledger list --from 2026-11-01 --to 2026-11-07')
    .action(async (options: { from?: string; to?: string; connection?: string }) => {
      const hub = await connectHub()
      const connection = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const { items } = await hub.get<Page>('/v1/ledger', { from: options.from, to: options.to, connection })
      out().result(items, () => (items.length === 0 ? 'No business days.' : table(items, COLUMNS)))
      if (items.some((item) => item['state'] === 'red')) process.exitCode = EXIT.failed
    })
  group
    .command('show <connection> <day>')
    .description('one day and the orders that do not agree')
    .addHelpText('after', '\nExample: hub ledger show "Tea shop" 2026-11-20')
    .action(async (name: string, day: string) => {
      const hub = await connectHub()
      const path = await placeOf(hub, name, day)
      const detail = await hub.get<Item>(path)
      const { items } = await hub.get<Page>(`${path}/orders`, { state: 'different', limit: 500 })
      out().result({ ...detail, different: items }, () =>
        [
          table([detail], COLUMNS),
          items.length === 0
            ? 'Every order agrees.'
            : table(items, { Order: 'external_id', State: 'state', Channel: 'channel_total', Hub: 'hub_total' }),
        ].join('\n\n'),
      )
    })
  group
    .command('ask <connection> <day>')
    .description('ask the channel again which orders of the day it has')
    .addHelpText('after', '\nExample: hub ledger ask "Tea shop" 2026-11-20')
    .action(async (name: string, day: string) => {
      const hub = await connectHub()
      const path = await placeOf(hub, name, day)
      const job = await hub.post<JobView>(`${path}/ask`)
      await followJob(hub, job.id, 'asking the channel', out().json)
      const detail = await hub.get<Item>(path)
      out().result(detail, () => table([detail], COLUMNS))
    })
  group
    .command('repull <connection> <day>')
    .description('read what is missing, out of date or worth something else again')
    .addHelpText('after', '\nExample: hub ledger repull "Tea shop" 2026-11-20')
    .action(async (name: string, day: string) => {
      const hub = await connectHub()
      const answer = await hub.post<{ readonly requested: number }>(`${await placeOf(hub, name, day)}/repull`)
      out().result(answer, () => `${answer.requested} orders are read again.`)
    })
  group
    .command('statement <connection> <day> <file>')
    .description('the day as a document to file: .xlsx or .pdf')
    .option('--language <language>', 'en or zh-CN', 'en')
    .addHelpText('after', '\nExample: hub ledger statement "Tea shop" 2026-11-20 day.pdf')
    .action(async (name: string, day: string, file: string, options: { language: string }) => {
      const format = /\.(xlsx|pdf)$/i.exec(file)?.[1]?.toLowerCase()
      if (format === undefined) throw new CliError('The file is to end in .xlsx or .pdf.', EXIT.usage)
      const hub = await connectHub()
      const body = await hub.stream(`${await placeOf(hub, name, day)}/statement`, { format, language: options.language })
      await pipeline(Readable.fromWeb(body), createWriteStream(file))
      out().result({ file }, () => `Wrote ${file}.`)
    })
}

async function placeOf(hub: Awaited<ReturnType<typeof connectHub>>, name: string, day: string): Promise<string> {
  return `/v1/ledger/${encodeURIComponent((await findConnection(hub, name)).id)}/${encodeURIComponent(day)}`
}
