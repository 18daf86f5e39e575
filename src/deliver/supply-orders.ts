import { DomainError } from '../core/fault.ts'
import { type ArrivalNoted, noteArrivals } from '../store/deliver/arrivals.ts'
import { lockStock } from '../store/deliver/lock-stock.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { findSupplyOrder, holdSupplier, insertSupplyOrder, supplyOf, type SupplyOrderState } from '../store/deliver/supply-orders.ts'
import { withTx } from '../store/db.ts'
import { LEAD_DAYS } from '../store/read/stock-plan.ts'
import type { StockContext } from './stock.ts'

export interface SupplyOrderInput {
  /** Number of the document: the same again is the same order. */
  readonly ref: string
  readonly supplierId: string
  readonly location: string
  readonly note?: string | undefined
  /** Each SKU once. Without a date it is expected after the days its delivery takes. */
  readonly lines: readonly { readonly sku: string; readonly quantity: string; readonly promisedAt?: string | null | undefined }[]
}

/**
 * Records that goods were ordered from a supplier: the order as the supplier is told, and an arrival for each line, or nothing at all. A known `ref`
 * answers what was ordered then.
 * @throws DomainError `supplier-unknown`, `location-unknown`, `sku-unknown`, `arrival-exists`
 */
export async function placeSupplyOrder(
  context: StockContext,
  input: SupplyOrderInput,
): Promise<{ readonly order: SupplyOrderState; readonly repeated: boolean }> {
  const { actor, now } = context
  return withTx(context.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('supply-order ' || $1))`, [input.ref])
    const known = await findSupplyOrder(client, { ref: input.ref })
    if (known) return { order: known, repeated: true }
    const supplier = await holdSupplier(client, input.supplierId)
    if (!supplier) throw new DomainError('supplier-unknown', `There is no supplier ${input.supplierId}.`)
    const skus = input.lines.map(({ sku }) => sku)
    const supply = await supplyOf(client, skus)
    const lines = input.lines.map(({ sku, quantity, promisedAt }, i) => {
      const days = supply.get(sku)?.lead_days ?? supplier.lead_days ?? LEAD_DAYS
      const promised = promisedAt === undefined ? new Date(now.getTime() + days * DAY_MS).toISOString() : promisedAt
      return { sku, title: supply.get(sku)?.title ?? '', quantity, promised_at: promised, arrival: `${input.ref}/${i + 1}` }
    })
    const { location } = input
    await lockStock(
      client,
      skus.map((sku) => ({ sku, location })),
    )
    const noted = await noteArrivals(
      client,
      lines.map(({ sku, quantity, promised_at: promisedAt, arrival }) => ({
        ref: arrival,
        sku,
        location,
        quantity,
        promisedAt,
        supplier: supplier.name,
      })),
      actor,
      now,
    )
    refuseOthers(noted)
    await insertSupplyOrder(client, { ref: input.ref, location, note: input.note ?? null, lines }, input.supplierId, actor, now)
    await markSkusDirty(client, skus)
    const order = await findSupplyOrder(client, { ref: input.ref })
    if (!order) throw new DomainError('stock-answer-missing', `Order ${input.ref} was not stored.`)
    return { order, repeated: false }
  })
}

const DAY_MS = 86_400_000

/** One line that cannot be expected refuses the whole order. */
function refuseOthers(noted: readonly ArrivalNoted[]): void {
  const odd = noted.find(({ result }) => result !== 'created')
  if (!odd) return
  if (odd.result === 'unknown-location') throw new DomainError('location-unknown', `There is no location "${odd.location}".`)
  if (odd.result === 'unknown-sku') throw new DomainError('sku-unknown', `There is no SKU "${odd.sku}". Import it first.`, { sku: odd.sku })
  if (odd.result === 'bundle')
    throw new DomainError('bundle-stock-conflict', `"${odd.sku}" is a bundle: order its parts.`, { sku: odd.sku, why: 'ordered' })
  throw new DomainError('arrival-exists', `There is an arrival "${odd.ref}" already.`, { ref: odd.ref })
}
