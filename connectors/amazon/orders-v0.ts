import type { RawRecord } from '../../src/core/connector.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { read, restrictedToken } from './client.ts'
import { marketplacesOf, type AmazonCall } from './manifest.ts'
import type { Listed, Range } from './pages.ts'

const PATH = '/orders/v0/orders'
/** Two items calls a second and a burst of thirty. */
const AT_ONCE = 4
const MOST_PAGES = 50

/** One page of the older list. It shows no lines: those are read order by order, half a call a second. `ids` leaves them out. */
export async function ordersPageV0(call: AmazonCall, range: Range, what: 'full' | 'ids' = 'full'): Promise<Listed> {
  const restricted = what === 'full' ? await restrictedToken(call) : undefined
  const { body, doc } = await read(call, {
    limit: 'getOrders-v0',
    path: PATH,
    restricted,
    query: {
      LastUpdatedAfter: range.after,
      LastUpdatedBefore: range.before,
      MarketplaceIds: marketplacesOf(call.config).join(','),
      MaxResultsPerPage: String(call.config.pageSize),
      NextToken: range.token,
    },
  })
  const payload = field(doc, 'payload')
  const orders = field(payload, 'Orders')
  if (!Array.isArray(orders)) throw unreadable('The answer holds no list of orders.')
  const texts = orders.length === 0 ? [] : sliceJsonArray(body, '/payload/Orders')
  const heads = orders.map((order: unknown, i) => ({ order, text: texts[i] ?? '' }))
  const records =
    what === 'ids'
      ? heads.map((head) => recordOf(head, { items: [], texts: [] }))
      : await inGroups(heads, AT_ONCE, async (head) => recordOf(head, await itemsOf(call, idOf(head.order), restricted)))
  const next = textField(payload, 'NextToken')
  return { records, next: next === '' ? undefined : next }
}

/** Orders with their lines, by id. */
export async function fullOrderV0(call: AmazonCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  if (ids.length === 0) return []
  const restricted = await restrictedToken(call)
  return inGroups(ids, AT_ONCE, async (id) => {
    const answer = await absentAs(read(call, { limit: 'getOrder-v0', path: `${PATH}/${id}`, restricted }))
    if (!answer) return undefined
    const order = field(answer.doc, 'payload')
    if (idOf(order) !== id) throw unreadable('The order in the answer is not the one that was asked for.')
    return recordOf({ order, text: sliceJson(answer.body, '/payload') }, await itemsOf(call, id, restricted))
  })
}

const idOf = (order: unknown): string => textField(order, 'AmazonOrderId') ?? ''

interface Items {
  readonly items: readonly unknown[]
  readonly texts: readonly string[]
}

/** All lines of an order. */
export async function itemsOf(call: AmazonCall, id: string, restricted: string | undefined): Promise<Items> {
  const [items, texts]: [unknown[], string[]] = [[], []]
  let token: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { body, doc } = await read(call, {
      limit: 'getOrderItems-v0',
      path: `${PATH}/${id}/orderItems`,
      restricted,
      query: { NextToken: token },
    })
    const payload = field(doc, 'payload')
    const found = field(payload, 'OrderItems')
    if (!Array.isArray(found)) throw unreadable('The answer holds no list of lines.')
    items.push(...found)
    if (found.length > 0) texts.push(...sliceJsonArray(body, '/payload/OrderItems'))
    const next = textField(payload, 'NextToken') ?? ''
    if (next === '' || next === token) return { items, texts }
    token = next
  }
  throw unreadable('The lines of an order do not end.')
}

/** Head and lines, each as received, in one document. */
function recordOf(head: { readonly order: unknown; readonly text: string }, lines: Items): RawRecord {
  const id = idOf(head.order)
  const changed = textField(head.order, 'LastUpdateDate') ?? ''
  if (id === '' || Number.isNaN(Date.parse(changed))) throw unreadable('The channel sent an order without its number or its time of change.')
  return {
    kind: 'order',
    externalId: id,
    sourceTime: new Date(changed).toISOString(),
    payload: `{"Order":${head.text},"OrderItems":[${lines.texts.join(',')}]}`,
    doc: { Order: head.order, OrderItems: lines.items },
  }
}
