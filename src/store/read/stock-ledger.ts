import type { Db } from './scope.ts'
import { stamp } from './order.ts'

/** What the ledger says was at one place at one moment: the sums of all that changed until then. Decimal text. */
export interface Balance {
  readonly location: string
  readonly on_hand: string
  readonly reserved: string
  readonly safety: string
  readonly held: string
  /** On its way there. */
  readonly future: string
}

const SUMS = ['on_hand', 'reserved', 'safety', 'held', 'future']
  .map((name) => `trim_scale(coalesce(sum(${name}_delta), 0))::text as ${name}`)
  .join(', ')

/** The balance of a SKU at each place at that time, or now. */
export async function ledgerBalances(db: Db, sku: string, at: string | undefined): Promise<readonly Balance[]> {
  const { rows } = await db.query<Balance>(
    `select location, ${SUMS} from stock_ledger where sku = $1 and ($2::timestamptz is null or at <= $2) group by location order by location`,
    [sku, at ?? null],
  )
  return rows
}

/** The same from the rows everything is computed with. */
export async function standingBalances(db: Db, sku: string): Promise<readonly Balance[]> {
  const { rows } = await db.query<Balance>(
    `select location, trim_scale(sum(on_hand))::text as on_hand, trim_scale(sum(reserved))::text as reserved, trim_scale(sum(safety))::text as safety, trim_scale(sum(held))::text as held,
       trim_scale(sum(future))::text as future
     from (select location, on_hand, reserved, safety, held, 0 as future from stock where sku = $1
       union all select location, 0, 0, 0, 0, quantity - received from arrivals where sku = $1 and state = 'open') x group by 1 order by 1`,
    [sku],
  )
  return rows
}

/** Entries until then, newest first. One more than asked for. */
export async function ledgerEntries(
  db: Db,
  filter: {
    readonly sku: string
    readonly location?: string | undefined
    readonly at?: string | undefined
    readonly before?: string | undefined
    readonly limit: number
  },
): Promise<readonly ({ readonly id: string } & Readonly<Record<string, unknown>>)[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id::text, location, trim_scale(on_hand_delta)::text as on_hand_delta, trim_scale(reserved_delta)::text as reserved_delta,
       trim_scale(coalesce(safety_delta, 0))::text as safety_delta, trim_scale(coalesce(held_delta, 0))::text as held_delta, trim_scale(coalesce(future_delta, 0))::text as future_delta,
       cause, ref, reason, ${stamp('at')} as at, actor
     from stock_ledger where sku = $1 and ($2::text is null or location = $2) and ($3::timestamptz is null or at <= $3) and ($4::bigint is null or id < $4) order by id desc limit $5`,
    [filter.sku, filter.location ?? null, filter.at ?? null, filter.before ?? null, filter.limit + 1],
  )
  return rows
}
