import type { RawRecord } from '../../src/core/connector.ts'
import { parseJson } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import type { TikTokCall } from './manifest.ts'
import { everything, type Entry, type Search } from './search.ts'
import { timed } from './source-time.ts'
import { unitsOf } from './units.ts'

/** Before anything has left, and after. */
type AfterSaleKind = 'cancellation' | 'return'

export interface AfterSale {
  readonly kind: AfterSaleKind
  readonly entry: Entry
}

export const AFTER_SALES: Readonly<Record<AfterSaleKind, Search>> = {
  cancellation: { path: '/return_refund/202309/cancellations/search', member: 'cancellations', most: 50 },
  return: { path: '/return_refund/202309/returns/search', member: 'return_orders', most: 50 },
}

/** Orders of one search; the channel names no figure. */
const MOST_ORDERS = 20

/** All after-sales of these orders; what the search brings of another order is left out, since money hangs on it. */
export async function afterSalesOf(
  call: TikTokCall,
  orderIds: readonly string[],
  kinds: readonly AfterSaleKind[] = ['cancellation', 'return'],
): Promise<readonly AfterSale[]> {
  const found: AfterSale[] = []
  for (const kind of kinds)
    for (const order_ids of chunked(orderIds, MOST_ORDERS))
      for (const entry of await everything(call, AFTER_SALES[kind], { order_ids }))
        if (order_ids.includes(textField(entry.doc, 'order_id') ?? '')) found.push({ kind, entry })
  return found
}

/**
 * `{lines, cancellation}` or `{lines, return}`: after-sales name pieces, and only the order says which pieces make up a line. The
 * after-sale itself stays as received.
 */
export function afterSaleRecords(all: readonly AfterSale[], orders: readonly Entry[]): readonly RawRecord[] {
  const lines = new Map(orders.map(({ doc }) => [textField(doc, 'id') ?? '', Object.fromEntries(unitsOf(doc).map(({ id, line }) => [id, line]))]))
  return all.map(({ kind, entry }) => {
    const id = textField(entry.doc, kind === 'return' ? 'return_id' : 'cancel_id')
    if (!id) throw unreadable(`The channel sent a ${kind} without its number.`)
    const orderId = textField(entry.doc, 'order_id')
    const payload = `{"lines":${JSON.stringify(lines.get(orderId ?? '') ?? {})},"${kind}":${entry.text}}`
    return { kind: 'refund', externalId: id, ...(orderId ? { parentId: orderId } : {}), ...timed(entry.doc), payload, doc: parseJson(payload) }
  })
}
