import type pg from 'pg'

/** Goods on their way. */
export interface ArrivalRow {
  readonly id: string
  readonly ref: string
  readonly sku: string
  readonly location: string
  readonly quantity: string
  readonly received: string
  readonly remaining: string
  /** When buyers are told that they come; null = not known. */
  readonly promised_at: string | null
  readonly supplier: string | null
  readonly state: 'open' | 'received' | 'cancelled'
  readonly created_at: string
}

const COLUMNS = `a.id::text, a.ref, a.sku, a.location, trim_scale(a.quantity)::text as quantity, trim_scale(a.received)::text as received, trim_scale(a.quantity - a.received)::text as remaining, a.promised_at, a.supplier, a.state, a.created_at`

export async function listArrivals(
  db: Pick<pg.Pool, 'query'>,
  filter: { readonly sku?: string | undefined; readonly state?: string | undefined; readonly before?: string | undefined; readonly limit: number },
): Promise<readonly ArrivalRow[]> {
  const { rows } = await db.query<ArrivalRow>(
    `select ${COLUMNS} from arrivals a where ($1::text is null or a.sku = $1) and ($2::text is null or a.state = $2) and ($3::bigint is null or a.id < $3)
     order by a.id desc limit $4`,
    [filter.sku ?? null, filter.state ?? null, filter.before ?? null, filter.limit + 1],
  )
  return rows
}

export async function findArrival(db: Pick<pg.Pool, 'query'>, id: string, lock = false): Promise<ArrivalRow | undefined> {
  const { rows } = lock
    ? await db.query<ArrivalRow>(`select ${COLUMNS} from arrivals a where a.id = $1 for update`, [id])
    : await db.query<ArrivalRow>(`select ${COLUMNS} from arrivals a where a.id = $1`, [id])
  return rows[0]
}

export interface ArrivalInput {
  /** Sender's own id: the same again changes that arrival. */
  readonly ref: string
  readonly sku: string
  readonly location: string
  readonly quantity: string
  readonly promisedAt: string | null
  readonly supplier: string | null
}
export interface ArrivalNoted {
  readonly ref: string
  readonly sku: string
  readonly location: string
  readonly id: string | null
  readonly result: 'created' | 'changed' | 'unchanged' | 'closed' | 'other-goods' | 'below-received' | 'unknown-sku' | 'unknown-location' | 'bundle'
}

/** Notes what is expected; the caller has locked the stock rows. Each `ref` at most once. */
export async function noteArrivals(
  client: pg.ClientBase,
  items: readonly ArrivalInput[],
  actor: string,
  now: Date,
): Promise<readonly ArrivalNoted[]> {
  const { rows } = await client.query<ArrivalNoted>(
    `with item as (
       select i.*, a.id, case
         when not exists (select 1 from skus k where k.sku = i.sku) then 'unknown-sku'
         when exists (select 1 from bundle_parts b where b.bundle = i.sku) then 'bundle'
         when not exists (select 1 from locations l where l.id = i.location) then 'unknown-location'
         when a.id is null then 'created'
         when a.sku <> i.sku or a.location <> i.location then 'other-goods'
         when a.state <> 'open' then 'closed'
         when i.quantity < a.received then 'below-received'
         when (a.quantity, a.promised_at, a.supplier) is not distinct from (i.quantity, i.promised_at, i.supplier) then 'unchanged'
         else 'changed' end as result, i.quantity - coalesce(a.quantity, 0) as delta
       from unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::timestamptz[], $6::text[]) with ordinality i(ref, sku, location, quantity, promised_at, supplier, n)
       left join arrivals a on a.ref = i.ref),
     written as (
       insert into arrivals as a (ref, sku, location, quantity, promised_at, supplier, created_by, created_at, updated_at)
       select ref, sku, location, quantity, promised_at, supplier, $7, $8, $8 from item where result in ('created', 'changed') order by ref
       on conflict (ref) do update set quantity = excluded.quantity, promised_at = excluded.promised_at, supplier = excluded.supplier, updated_at = $8
       returning a.id, a.ref),
     noted as (
       insert into stock_ledger (sku, location, future_delta, cause, ref, at, actor)
       select sku, location, delta, 'arrival', ref, $8, $7 from item where result in ('created', 'changed') and delta <> 0 order by sku, location, ref)
     select i.ref, i.sku, i.location, coalesce(w.id, i.id)::text as id, i.result from item i left join written w using (ref) order by i.n`,
    [
      items.map((item) => item.ref),
      items.map((item) => item.sku),
      items.map((item) => item.location),
      items.map((item) => item.quantity),
      items.map((item) => item.promisedAt),
      items.map((item) => item.supplier),
      actor,
      now,
    ],
  )
  return rows
}

/**
 * What came of an arrival becomes on hand, once per `ref`; the caller has locked its stock row and itself. More may come than was expected. With
 * `last` nothing more is expected of it. Answers false when this `ref` was there before.
 */
export async function receiveArrival(
  client: pg.ClientBase,
  arrival: ArrivalRow,
  receipt: { readonly ref: string; readonly quantity: string; readonly last: boolean },
  actor: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await client.query(
    `with noted as (
       insert into stock_ledger (sku, location, on_hand_delta, future_delta, cause, ref, at, actor)
       select a.sku, a.location, $3::numeric, -case when $4 then a.quantity - a.received else least($3::numeric, a.quantity - a.received) end, 'receipt', $2, $6, $5
       from arrivals a where a.id = $1
       on conflict (cause, ref, sku, location) where cause in ('count','movement','held','safety','receipt','return') and ref is not null do nothing
       returning sku, location, on_hand_delta),
     moved as (
       update stock s set on_hand = s.on_hand + n.on_hand_delta, updated_at = $6 from noted n where (s.sku, s.location) = (n.sku, n.location))
     update arrivals a set received = least(a.quantity, a.received + n.on_hand_delta), updated_at = $6,
       state = case when $4 or a.received + n.on_hand_delta >= a.quantity then 'received' else a.state end
     from noted n where a.id = $1 returning a.id`,
    [arrival.id, receipt.ref, receipt.quantity, receipt.last, actor, now],
  )
  return rows.length > 0
}

/** Nothing more is expected of it; the caller has locked it. */
export async function cancelArrival(client: pg.ClientBase, arrival: ArrivalRow, actor: string, now: Date): Promise<void> {
  await client.query(
    `with gone as (update arrivals set state = 'cancelled', updated_at = $3 where id = $1 and state = 'open' returning sku, location, ref, quantity - received as q)
     insert into stock_ledger (sku, location, future_delta, cause, ref, at, actor) select sku, location, -q, 'arrival', ref, $3, $2 from gone where q <> 0`,
    [arrival.id, actor, now],
  )
}
