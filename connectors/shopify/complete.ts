import type { RawRecord } from '../../src/core/connector.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { affordableParts, paced, query } from './client.ts'
import {
  ALL_PARTS,
  CONNECTION_NAMES,
  FEW_PARTS,
  PARTS,
  REST,
  REST_OF_FULFILLMENT,
  REST_OF_REFUND,
  TRANSACTIONS_AT_ONCE,
  type Connection,
} from './documents.ts'
import { shortId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

type Doc = Readonly<Record<string, unknown>>

/** Orders whose parts are asked for in one query: five cost about 850 of the 1,000 points one query may. */
const PARTS_AT_ONCE = 5

/**
 * Makes whole what came with its first elements only: long connections, and refunds and fulfilments, which are opened by a
 * query of their own. An order that is whole already keeps the very text it came in; the others are written anew with
 * their parts in place.
 */
export async function complete(
  call: ShopifyCall,
  orders: readonly { readonly doc: unknown; readonly payload: string }[],
): Promise<readonly RawRecord[]> {
  const parts = await partsOf(call, orders.map(({ doc }) => doc).filter(hasParts))
  const records: RawRecord[] = []
  for (const { doc, payload } of orders) {
    const added = { ...(await restsOf(call, doc)), ...parts.get(textField(doc, 'id') ?? '') }
    const isWhole = Object.keys(added).length === 0
    const whole = isWhole ? doc : { ...objectOf(doc), ...added }
    records.push({
      kind: 'order',
      externalId: shortId(textField(doc, 'id') ?? ''),
      sourceTime: textField(doc, 'updatedAt') ?? '',
      payload: isWhole ? payload : JSON.stringify(whole),
      doc: whole,
    })
  }
  return records
}

const objectOf = (doc: unknown): Doc => (typeof doc === 'object' && doc !== null ? { ...doc } : {})
const countOf = (doc: unknown, name: string): number => Number(textField(field(doc, name), 'count') ?? 0)
const hasParts = (doc: unknown): boolean =>
  countOf(doc, 'fulfillmentsCount') > 0 || listField(doc, 'refunds').length > 0 || countOf(doc, 'transactionsCount') > TRANSACTIONS_AT_ONCE
const nextOf = (connection: unknown): string | undefined =>
  field(field(connection, 'pageInfo'), 'hasNextPage') === true ? textField(field(connection, 'pageInfo'), 'endCursor') : undefined

/** The connections of one order that go on beyond their first elements, each read to its end. */
async function restsOf(call: ShopifyCall, doc: unknown): Promise<Doc> {
  const added: Record<string, unknown> = {}
  for (const name of CONNECTION_NAMES) {
    const connection = field(doc, name)
    if (nextOf(connection) !== undefined) added[name] = await wholeConnection(call, connection, restOfOrder(textField(doc, 'id') ?? '', name))
  }
  return added
}

interface RestQuery {
  readonly document: string
  readonly id: string
  /** Where the connection stands in the answer. */
  readonly find: (data: unknown) => unknown
}

const restOfOrder = (id: string, name: Connection): RestQuery => ({ document: REST[name], id, find: (data) => field(field(data, 'order'), name) })
const restOfNode = (id: string, document: string, name: string): RestQuery => ({ document, id, find: (data) => field(field(data, 'node'), name) })

/** All elements of a connection of which the first are known. */
export async function wholeConnection(call: ShopifyCall, first: unknown, rest: RestQuery): Promise<{ readonly nodes: readonly unknown[] }> {
  const nodes = [...listField(first, 'nodes')]
  for (let after = nextOf(first); after !== undefined;) {
    const answer = await query(call, rest.document, { id: rest.id, after })
    const connection = rest.find(answer.data)
    nodes.push(...listField(connection, 'nodes'))
    after = nextOf(connection)
    await paced(call, answer)
  }
  return { nodes }
}

async function partsOf(call: ShopifyCall, docs: readonly unknown[]): Promise<ReadonlyMap<string, Doc>> {
  const ids = docs.map((doc) => textField(doc, 'id') ?? '')
  const found = new Map<string, Doc>()
  for (let at = 0; at < ids.length; at += PARTS_AT_ONCE) {
    const answers = await affordableParts(ids.slice(at, at + PARTS_AT_ONCE), async (some) => paced(call, await query(call, PARTS, { ids: some })))
    for (const node of answers.flatMap((answer) => listField(answer.data, 'nodes'))) {
      const id = textField(node, 'id')
      if (id !== undefined) found.set(id, await opened(call, isCut(node) ? await manyParts(call, id, node) : node))
    }
  }
  return found
}

/** Lists have no next page: one that is full may have been cut. */
const isCut = (order: unknown): boolean =>
  listField(order, 'fulfillments').length === FEW_PARTS.fulfillments || listField(order, 'refunds').length === FEW_PARTS.refunds

async function manyParts(call: ShopifyCall, id: string, few: unknown): Promise<unknown> {
  const answer = await query(call, ALL_PARTS, { ids: [id] })
  return listField(answer.data, 'nodes')[0] ?? few
}

/** The parts with their own connections read to the end. `updatedAt` stays the order's: what moved since comes again by itself. */
async function opened(call: ShopifyCall, order: unknown): Promise<Doc> {
  const fulfillments: unknown[] = []
  for (const each of listField(order, 'fulfillments')) {
    const rest = restOfNode(textField(each, 'id') ?? '', REST_OF_FULFILLMENT, 'fulfillmentLineItems')
    fulfillments.push({ ...objectOf(each), fulfillmentLineItems: await wholeConnection(call, field(each, 'fulfillmentLineItems'), rest) })
  }
  const refunds: unknown[] = []
  for (const each of listField(order, 'refunds')) {
    const rest = restOfNode(textField(each, 'id') ?? '', REST_OF_REFUND, 'refundLineItems')
    refunds.push({ ...objectOf(each), refundLineItems: await wholeConnection(call, field(each, 'refundLineItems'), rest) })
  }
  return { transactions: listField(order, 'transactions'), fulfillments, refunds }
}
