import type pg from 'pg'
import { withTx } from '../db.ts'

/** At least this long between two measurings, and so many times as long as one takes: it takes a thirtieth of the time at most. */
const REST_MS = 60_000
const REST_TIMES = 30
/** Days that are kept; what is older is in the ledger. */
const KEPT_DAYS = 120

/**
 * Works out how fast each SKU sells, in all and by place, from the ledger: the days that may still change are read again, then the speeds of all SKUs.
 * Answers false where it was measured a moment ago, or somebody else is at it. `at once` does not wait.
 */
export async function measureSpeeds(pool: pg.Pool, now: Date, when: 'in turn' | 'at once' = 'in turn'): Promise<boolean> {
  return withTx(pool, async (client) => {
    await client.query(`set local statement_timeout = '5min'`)
    const free = await client.query<{ got: boolean }>(`select pg_try_advisory_xact_lock(hashtext('stock_plan')) as got`)
    if (free.rows[0]?.got !== true) return false
    const {
      rows: [state],
    } = await client.query<{ through: string | null; measured_at: string | null; took_ms: number }>(
      'select through, measured_at, took_ms from stock_plan_state',
    )
    const since = state?.measured_at ? now.getTime() - Date.parse(state.measured_at) : Infinity
    if (when === 'in turn' && since >= 0 && since < Math.max(REST_MS, REST_TIMES * (state?.took_ms ?? 0))) return false
    const began = performance.now()
    await client.query('delete from stock_days where day >= $1 or day < $2', [state?.through ?? '-infinity', dayOf(now, -KEPT_DAYS)])
    await client.query(DAYS, [state?.through ?? dayOf(now, 1 - KEPT_DAYS)])
    await client.query(SPEEDS, [now])
    // What was written by a transaction that began yesterday may still come: yesterday is read again.
    await client.query('update stock_plan_state set through = $1, measured_at = $2, took_ms = $3', [
      dayOf(now, -1),
      now,
      Math.round(performance.now() - began),
    ])
    return true
  })
}

const DAY_MS = 86_400_000
const dayOf = (now: Date, plus: number): string => new Date(now.getTime() + plus * DAY_MS).toISOString().slice(0, 10)

/** Whatever gives a buyer pieces or takes them back; goods that leave with their reservation cancel out. Counts and deliveries sell nothing. */
const DAYS = `
insert into stock_days (sku, location, day, sold, moved)
select l.sku, l.location, (l.at at time zone 'UTC')::date, coalesce(sum(l.reserved_delta - l.on_hand_delta) filter (where l.cause not in ('count','movement','receipt')), 0), sum(l.on_hand_delta)
from stock_ledger l join skus k on k.sku = l.sku where l.at >= $1::date::timestamp at time zone 'UTC' group by 1, 2, 3 order by 1, 2, 3`

/**
 * A day counts at most three times the mean of the other days on which something was sold, so that a promotion does not speak for an ordinary day.
 * Days before the first movement do not count as days without sales.
 */
const SPEEDS = `
with today as (select ($1::timestamptz at time zone 'UTC')::date as d, extract(epoch from ($1::timestamptz at time zone 'UTC')::time)::numeric / 86400 as part),
each as (
  select sku, coalesce(location, '*') as location, day, sum(sold) as sold, sum(moved) as moved from stock_days, today
  where day > today.d - 90 and day <= today.d group by grouping sets ((sku, location, day), (sku, day))),
damped as (
  select sku, location, day, sold, moved, case when sold > 0 and count(*) filter (where sold > 0) over w > 1
      then least(sold, 3 * (sum(sold) filter (where sold > 0) over w - sold) / (count(*) filter (where sold > 0) over w - 1)) else sold end as usual
  from each, today window w as (partition by sku, location, day > today.d - 28)),
sums as (
  select sku, location, min(day) as first_day, sum(usual) filter (where day > today.d - 7) as s7, sum(usual) filter (where day > today.d - 28) as s28, sum(sold) as s90,
    sum(moved) as moved, sum(moved * (today.d - day)) as moved_ago
  from damped, today group by 1, 2),
known as (
  select sku, location, least(s.first_day, o.first_day) as first_day, coalesce(s7, 0) as s7, coalesce(s28, 0) as s28, coalesce(s90, 0) as s90,
    coalesce(moved, 0) as moved, coalesce(moved_ago, 0) as moved_ago from sums s full join sku_speeds o using (sku, location)),
held as (
  select sku, coalesce(location, '*') as location, sum(on_hand) as on_hand from stock group by grouping sets ((sku, location), (sku))),
speed as (
  select k.sku, k.location, k.first_day, round(greatest(0, k.s7) / greatest(1, least(6, t.d - k.first_day) + t.part), 6) as per_day_7,
    round(greatest(0, k.s28) / greatest(1, least(27, t.d - k.first_day) + t.part), 6) as per_day_28, greatest(0, k.s90) as sold_90,
    round(greatest(0, coalesce(h.on_hand, 0) - ((x.days - 1) * k.moved - k.moved_ago) / x.days), 6) as on_hand_90
  from known k cross join today t cross join lateral (select least(90, t.d - k.first_day + 1)::numeric as days) x left join held h on (h.sku, h.location) = (k.sku, k.location))
insert into sku_speeds as o (sku, location, first_day, per_day_7, per_day_28, sold_90, on_hand_90)
select sku, location, first_day, per_day_7, per_day_28, sold_90, on_hand_90 from speed order by 1, 2
on conflict (sku, location) do update set (first_day, per_day_7, per_day_28, sold_90, on_hand_90) = (excluded.first_day, excluded.per_day_7, excluded.per_day_28, excluded.sold_90, excluded.on_hand_90)
where (o.first_day, o.per_day_7, o.per_day_28, o.sold_90, o.on_hand_90) is distinct from (excluded.first_day, excluded.per_day_7, excluded.per_day_28, excluded.sold_90, excluded.on_hand_90)`
