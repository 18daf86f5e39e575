import { Option, type Command } from 'commander'
import { CliError, connectHub, EXIT } from './context.ts'
import { table, type Item, type Printer } from './output.ts'

interface Page {
  readonly items: readonly Item[]
}
interface PlaceOptions {
  readonly name?: string
  readonly kind?: string
  readonly priority?: string
  readonly sellable?: string
  readonly owner?: string
}

/** Places, bundles, arrivals and the ledger, under `hub stock`. */
export function stockPlaceCommands(program: Command, out: () => Printer): void {
  const group = program.commands.find((command) => command.name() === 'stock') ?? program
  placeCommands(group, out)
  group
    .command('ledger <sku>')
    .description('why the numbers of a SKU are, or were at a time, what they are')
    .option('--at <instant>', 'as of then')
    .addHelpText('after', '\nExample: hub stock ledger TEA-1 --at 2026-11-11T00:00:00Z')
    .action(async (sku: string, options: { at?: string }) => {
      const at = options.at === undefined ? undefined : new Date(options.at).toISOString()
      const answer = await (
        await connectHub()
      ).get<{ balances: readonly Item[]; items: readonly Item[]; agrees: boolean | null }>(`/v1/stock/${encodeURIComponent(sku)}/ledger`, { at })
      const sums = { Location: 'location', 'On hand': 'on_hand', Reserved: 'reserved', Safety: 'safety', Held: 'held', Future: 'future' }
      const entries = {
        At: 'at',
        Location: 'location',
        Cause: 'cause',
        'On hand': 'on_hand_delta',
        Reserved: 'reserved_delta',
        Ref: 'ref',
        By: 'actor',
      }
      const doubt = answer.agrees === false ? '\nThe sums are not what stands. Report this.' : ''
      out().result(answer, () => `${table(answer.balances, sums)}${doubt}\n\n${table(answer.items, entries)}`)
    })
  group
    .command('bundle <sku> <parts...>')
    .description('say what a bundle is made of, whole')
    .addHelpText('after', '\nExample: hub stock bundle GIFT-SET CUP=2 TEA-1=1')
    .action(async (sku: string, parts: readonly string[]) => {
      const read = parts.map((part) => /^(.+)=(\d+(?:\.\d+)?)$/.exec(part) ?? fail(`"${part}" is not <part>=<quantity>.`))
      const answer = await (
        await connectHub()
      ).post(`/v1/bundles/${encodeURIComponent(sku)}`, {
        parts: read.map(([, part, quantity]) => ({ sku: part, quantity })),
      })
      out().result(answer, () => `${sku} is made of ${parts.join(', ')}.`)
    })
  group
    .command('arrivals')
    .description('goods on their way')
    .option('--sku <sku>')
    .addHelpText('after', '\nExample: hub stock arrivals --sku TEA-1')
    .action(async (options: { sku?: string }) => {
      const page = await (await connectHub()).get<Page>('/v1/arrivals', { sku: options.sku, state: 'open' })
      const columns = { Id: 'id', Ref: 'ref', Sku: 'sku', Location: 'location', Expected: 'remaining', Promised: 'promised_at', Supplier: 'supplier' }
      out().result(page, () => (page.items.length === 0 ? 'Nothing is on its way.' : table(page.items, columns)))
    })
}

function placeCommands(group: Command, out: () => Printer): void {
  group
    .command('locations')
    .description('places where goods are, in the order in which orders take from them')
    .addHelpText('after', '\nExample: hub stock locations')
    .action(async () => {
      const page = await (await connectHub()).get<Page>('/v1/locations')
      const columns = { Id: 'id', Name: 'name', Kind: 'kind', Sellable: 'sellable', Priority: 'priority', Owner: 'owner', Skus: 'skus' }
      out().result(page, () => table(page.items, columns))
    })
  group
    .command('location <id>')
    .description('add or change a place')
    .option('--name <text>')
    .addOption(new Option('--kind <kind>').choices(['warehouse', 'store', 'supplier', 'in_transit']))
    .option('--priority <n>', 'the lowest gives first')
    .addOption(new Option('--sellable <yes|no>').choices(['yes', 'no']))
    .option('--owner <owner>', 'who alone writes its counts: key:<id>, connection:<id>, file, console, or none')
    .addHelpText('after', '\nExample: hub stock location wms --owner key:k_7Qd --priority 5')
    .action(async (id: string, options: PlaceOptions) => {
      const hub = await connectHub()
      const { items } = await hub.get<Page>('/v1/locations')
      const body = {
        ...(options.name !== undefined && { name: options.name }),
        ...(options.kind !== undefined && { kind: options.kind }),
        ...(options.priority !== undefined && { priority: Number(options.priority) }),
        ...(options.sellable !== undefined && { sellable: options.sellable === 'yes' }),
        ...(options.owner !== undefined && { owner: options.owner === 'none' ? null : options.owner }),
      }
      const known = items.some((item) => item['id'] === id)
      const answer = known ? await hub.patch(`/v1/locations/${encodeURIComponent(id)}`, body) : await hub.post('/v1/locations', { id, ...body })
      out().result(answer, () => `${id} ${known ? 'changed' : 'added'}.`)
    })
}

function fail(message: string): never {
  throw new CliError(message, EXIT.usage)
}
