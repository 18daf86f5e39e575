import { DomainError } from '../core/fault.ts'
import {
  type ArrivalInput,
  type ArrivalNoted,
  type ArrivalRow,
  cancelArrival,
  findArrival,
  noteArrivals,
  receiveArrival,
} from '../store/deliver/arrivals.ts'
import { lockStock } from '../store/deliver/lock-stock.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { requireOwner } from '../store/deliver/owners.ts'
import { withTx } from '../store/db.ts'
import type { StockContext } from './stock.ts'

/**
 * Notes goods on their way. SKUs that may be sold ahead are promised from now on, others once they are there. One answer per item; the same `ref`
 * again changes that arrival. Each `ref` at most once per call.
 */
export async function expectArrivals(context: StockContext, items: readonly ArrivalInput[]): Promise<readonly ArrivalNoted[]> {
  return withTx(context.pool, async (client) => {
    await lockStock(client, items)
    const rows = await noteArrivals(client, items, context.actor, context.now)
    await markSkusDirty(
      client,
      rows.filter((row) => row.result === 'created' || row.result === 'changed').map((row) => row.sku),
    )
    return rows
  })
}

export interface Receipt {
  /** The same again is the same delivery. */
  readonly ref: string
  /** Absent = all that is still expected. */
  readonly quantity?: string | undefined
  /** Nothing more comes of it, whatever was expected. */
  readonly last?: boolean | undefined
}

/**
 * Takes a delivery in: its pieces are on hand from now on, once.
 * @throws DomainError `arrival-unknown`, `arrival-closed-conflict`, `location-owned`
 */
export async function takeIn(
  context: StockContext,
  id: string,
  receipt: Receipt,
): Promise<{ readonly arrival: ArrivalRow; readonly repeated: boolean }> {
  return withTx(context.pool, async (client) => {
    const found = await findArrival(client, id)
    if (!found) throw unknownArrival(id)
    await requireOwner(client, [found.location], context.actor)
    await lockStock(client, [found])
    const arrival = (await findArrival(client, id, true)) ?? found
    const quantity = receipt.quantity ?? arrival.remaining
    const taken = arrival.state === 'open' || receipt.quantity !== undefined
    const fresh =
      taken &&
      Number(quantity) > 0 &&
      (await receiveArrival(client, arrival, { ref: receipt.ref, quantity, last: receipt.last === true }, context.actor, context.now))
    if (fresh && arrival.state === 'cancelled')
      throw new DomainError('arrival-closed-conflict', 'This arrival was cancelled. Count the goods, or note a new arrival.')
    if (fresh) await markSkusDirty(client, [arrival.sku])
    return { arrival: (await findArrival(client, id)) ?? arrival, repeated: !fresh }
  })
}

/** Nothing more is expected of it. Again does nothing. @throws DomainError `arrival-unknown` */
export async function dropArrival(context: StockContext, id: string): Promise<ArrivalRow> {
  return withTx(context.pool, async (client) => {
    const found = await findArrival(client, id)
    if (!found) throw unknownArrival(id)
    await lockStock(client, [found])
    await cancelArrival(client, found, context.actor, context.now)
    await markSkusDirty(client, [found.sku])
    return (await findArrival(client, id)) ?? found
  })
}

const unknownArrival = (id: string): DomainError => new DomainError('arrival-unknown', `There is no arrival ${id}.`)
