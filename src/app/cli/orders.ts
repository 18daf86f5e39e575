import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { CliError, connectHub, EXIT, type Hub } from './context.ts'
import { findConnection } from './connections.ts'
import { followJob, type JobView } from './jobs.ts'
import { table, type Item, type Printer } from './output.ts'

interface Orders {
  readonly items: readonly (Item & { readonly id: string })[]
  readonly has_more: boolean
}

const COLUMNS = {
  Order: 'channel_order_no',
  Connection: 'connection_id',
  Status: 'label.code',
  Payment: 'payment',
  Fulfilment: 'fulfilment',
  Total: 'total',
  Placed: 'placed_at',
  Id: 'id',
}

/** An order by our id or by the channel's number. */
async function findOrder(hub: Hub, text: string): Promise<Item & { readonly id: string }> {
  const { found } = await hub.post<{ found: readonly { order: Item & { id: string } }[] }>('/v1/orders/find', { ids: [text] })
  if (found.length > 1)
    throw new CliError(`"${text}" is in ${found.length} connections; use one of the ids: ${found.map((hit) => hit.order.id).join(', ')}.`, EXIT.usage)
  const hit = found[0]
  if (!hit) throw new CliError(`No order "${text}" is in the hub. "hub orders find ${text} --ask" asks the channels.`, EXIT.notFound)
  return hit.order
}

export function orderCommands(program: Command, out: () => Printer): void {
  const group = program.command('orders').description('look up orders')
  group
    .command('list')
    .description('newest orders first')
    .option('--connection <name>')
    .option('--state <state>', 'open, held, to_ship, shipped, cancelled, closed')
    .option('--limit <n>', 'how many', '20')
    .option('--q <text>', 'search')
    .addHelpText('after', '\nExample: hub orders list --state held')
    .action(async (options: { connection?: string; state?: string; limit: string; q?: string }) => {
      const hub = await connectHub()
      const connection = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const page = await hub.get<Orders>('/v1/orders', { connection, state: options.state, limit: Number(options.limit), q: options.q })
      out().result(page, () => `${table(page.items, COLUMNS)}${page.has_more ? '\n… more: raise --limit or narrow the filter' : ''}`)
    })
  group
    .command('show <order>')
    .description('one order with lines, holds, shipments and its timeline')
    .addHelpText('after', '\nExample: hub orders show 1001')
    .action(async (text: string) => {
      const hub = await connectHub()
      const order = await hub.get<Item>(`/v1/orders/${(await findOrder(hub, text)).id}`)
      out().result(order, () => JSON.stringify(order, null, 2))
    })
  group
    .command('find <text>')
    .description('any id: order, tracking number, phone (last four), e-mail, SKU')
    .option('--ask', 'ask the channels live when the hub has none')
    .addHelpText('after', '\nExample: hub orders find SF1234567890')
    .action(async (text: string, options: { ask?: boolean }) => {
      const hub = await connectHub()
      const found = await hub.get<{ orders: readonly Item[] }>('/v1/find', { q: text })
      if (found.orders.length === 0 && options.ask) {
        const asked = await hub.post<{ answers: readonly Item[] }>('/v1/find/ask', { q: text })
        out().result(asked, () => table(asked.answers, { Connection: 'connection_id', Channel: 'answer', Hub: 'hub', Why: 'reason' }))
        return
      }
      out().result(found, () => (found.orders.length === 0 ? 'Nothing found. --ask asks the channels.' : table(found.orders, COLUMNS)))
      if (found.orders.length === 0) process.exitCode = EXIT.notFound
    })
  shipCommand(program, out)
  fileCommands(program, out)
}

function shipCommand(program: Command, out: () => Printer): void {
  program
    .command('ship <order>')
    .description('record a package; armed connections tell the channel')
    .requiredOption('--carrier <code>', 'carrier code or name; PICKUP when the buyer collected the goods')
    .option('--tracking <no>', 'tracking number; PICKUP needs none')
    .option('--line <line=qty>', 'part of the order, repeatable', (value: string, all: readonly string[]) => [...all, value], [])
    .option('--package <no>', 'your package number')
    .option('--force <reason>', 'ship although the order is held')
    .addHelpText('after', '\nExample: hub ship 1001 --carrier SF --tracking SF1234567890 --line 1=2')
    .action(async (text: string, options: { carrier: string; tracking?: string; line: readonly string[]; package?: string; force?: string }) => {
      const hub = await connectHub()
      const lines = options.line.map((part) => {
        const [lineNo = '', quantity = ''] = part.split('=')
        return { line_no: Number(lineNo), quantity }
      })
      const made = await hub.post<Item>(`/v1/orders/${(await findOrder(hub, text)).id}/shipments`, {
        carrier: options.carrier,
        ...(options.tracking !== undefined && { tracking_no: options.tracking }),
        ...(lines.length > 0 && { lines }),
        ...(options.package && { package_no: options.package }),
        ...(options.force && { force: true, force_reason: options.force }),
      })
      out().result(made, () => `Recorded. ${JSON.stringify(made)}`)
    })
}

function fileCommands(program: Command, out: () => Printer): void {
  program
    .command('import <file>')
    .description('orders from a CSV, XLSX, JSON or XML file')
    .requiredOption('--connection <name>', 'a connection of the files channel')
    .addHelpText('after', '\nExample: hub import till.csv --connection "Till 3"')
    .action(async (file: string, options: { connection: string }) => {
      const hub = await connectHub()
      const form = new FormData()
      form.set('connection', (await findConnection(hub, options.connection)).id)
      form.set('file', new Blob([new Uint8Array(await readFile(file))]), basename(file))
      const job = await hub.upload<JobView>('/v1/files', form)
      const done = await followJob(hub, job.id, `import ${basename(file)}`, out().json)
      out().result(done, () => JSON.stringify(done.result, null, 2))
    })
  program
    .command('export [file]')
    .description('all orders as NDJSON (or CSV with --format csv)')
    .option('--format <format>', 'ndjson or csv', 'ndjson')
    .option('--connection <name>')
    .addHelpText('after', '\nExample: hub export orders.ndjson')
    .action(async (file: string | undefined, options: { format: string; connection?: string }) => {
      const hub = await connectHub()
      const connection = options.connection === undefined ? undefined : (await findConnection(hub, options.connection)).id
      const body = await hub.stream('/v1/orders.ndjson', { connection, format: options.format === 'csv' ? 'csv' : undefined })
      await pipeline(
        Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
        file === undefined ? process.stdout : createWriteStream(file),
        { end: file !== undefined },
      )
    })
}
