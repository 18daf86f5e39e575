import { DomainError } from '../core/fault.ts'
import { lockOrder } from '../store/deliver/insert-shipment.ts'
import { lockStock } from '../store/deliver/lock-stock.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { requireOwner } from '../store/deliver/owners.ts'
import { goodsOf, insertRestock, knownRestock, type RestockLine, returnableLines } from '../store/deliver/restock.ts'
import { withTx } from '../store/db.ts'
import type { StockContext } from './stock.ts'

export interface RestockInput {
  readonly orderId: number
  /** Number of the return: the same again does nothing. */
  readonly ref: string
  readonly location: string
  /** Put aside (damaged, to be checked) instead of being sold again. */
  readonly held: boolean
  readonly lines: readonly RestockLine[]
}

/**
 * Takes goods of an order back into a place. Never more of a line than left.
 * @throws DomainError `order-unknown`, `location-unknown`, `location-owned`, `line-unknown`, `quantity-exceeds-shipped`
 */
export async function restock(context: StockContext, input: RestockInput): Promise<{ readonly repeated: boolean; readonly skus: readonly string[] }> {
  return withTx(context.pool, async (client) => {
    if (!(await lockOrder(client, input.orderId))) throw new DomainError('order-unknown', `There is no order ${input.orderId}.`)
    if (await knownRestock(client, input.orderId, input.ref)) return { repeated: true, skus: [] }
    const place = await client.query('select 1 from locations where id = $1', [input.location])
    if (place.rowCount === 0) throw new DomainError('location-unknown', `There is no location "${input.location}".`)
    await requireOwner(client, [input.location], context.actor)
    const left = await returnableLines(client, input.orderId)
    const seen = new Set<number>()
    for (const { lineNo, quantity } of input.lines) {
      const line = left.get(lineNo)
      if (!line || seen.has(lineNo))
        throw new DomainError('line-unknown', `Line ${lineNo} of this order has no goods of ours, or is named twice.`, { line_no: lineNo })
      seen.add(lineNo)
      if (Number(quantity) > Number(line.returnable))
        throw new DomainError('quantity-exceeds-shipped', `Line ${lineNo}: ${quantity} cannot come back, ${line.returnable} are out.`, {
          line_no: lineNo,
        })
    }
    const goods = await goodsOf(
      client,
      input.lines.flatMap(({ lineNo }) => left.get(lineNo)?.sku ?? []),
    )
    await lockStock(
      client,
      goods.map((sku) => ({ sku, location: input.location })),
    )
    const skus = await insertRestock(client, { ...input, actor: context.actor, now: context.now }, input.lines)
    if (!input.held) await markSkusDirty(client, skus)
    return { repeated: false, skus }
  })
}
