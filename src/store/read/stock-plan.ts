import type { Db } from './scope.ts'

export const PLAN_VIEWS = ['all', 'low', 'out', 'over', 'turnover', 'proposals'] as const
export type PlanView = (typeof PLAN_VIEWS)[number]

/** One SKU as somebody plans it. Quantities are decimal text; what depends on a count is null until somebody counted it. */
export interface PlanRow {
  readonly sku: string
  readonly title: string
  readonly category: string | null
  readonly counted: boolean
  readonly on_hand: string
  readonly reserved: string
  readonly held: string
  readonly safety: string
  /** On hand less reserved and held. */
  readonly available: string
  readonly on_way: string
  /** The next delivery that is promised. */
  readonly next_arrival: string | null
  /** Pieces whose promised day is over. */
  readonly overdue: string
  readonly per_day_7: string
  readonly per_day_28: string
  /** What is reckoned with: the mean of both. */
  readonly per_day: string
  /** Days that what is available lasts; null where nothing is sold. */
  readonly cover_days: string | null
  /** When nothing is left, with what arrives until then; null = not within ten years. */
  readonly runs_out: string | null
  readonly sold_90: string
  readonly on_hand_90: string
  /** Sold in 90 days by the mean of what was on hand. */
  readonly turnover: string | null
  readonly known_days: number
  readonly lead_days: number
  readonly target_days: number
  readonly pack: string
  readonly min_order: string
  readonly reorder_point: string | null
  readonly proposal: string
  readonly low: boolean
  readonly over: boolean
  readonly supplier_id: string | null
  readonly supplier: string | null
}

export interface PlanFilter {
  readonly view: PlanView
  /** Runs out before; only with the view `out`. */
  readonly before: string
  /** Lasts longer than so many days: too much. */
  readonly overDays: number
  readonly location?: string | undefined
  readonly supplier?: string | undefined
  readonly sku?: string | undefined
  readonly q?: string | undefined
  readonly after?: { readonly value: string; readonly sku: string } | undefined
  readonly limit: number
  readonly now: Date
}

/** A row, and where it stands in the order of its view. */
export interface PlannedRow {
  readonly row: PlanRow
  readonly sort: string
}

export interface PlanPage {
  readonly rows: readonly PlannedRow[]
  /** How many SKUs each view has, with the other filters. */
  readonly totals: Readonly<Record<PlanView, number>>
  /** When the speeds were measured; null = not yet. */
  readonly measured_at: string | null
}

/** Days from ordering to having it there, and how long an order lasts, where neither SKU nor supplier says. */
export const LEAD_DAYS = 7
const TARGET_DAYS = 28
/** What was first seen less than so many days ago is not called too much. */
const SETTLED_DAYS = 28

/**
 * The plan of all SKUs of a filter, one page. Everything is worked out in one statement over the whole filter: stock as it stands, speeds as they were
 * measured last, arrivals. Bundles are planned as their parts.
 */
export async function readPlan(db: Db, filter: PlanFilter): Promise<PlanPage> {
  const { rows } = await db.query<{
    rows: readonly PlannedRow[]
    totals: Record<PlanView, number>
    measured_at: string | null
  }>(PLAN, [
    filter.now,
    filter.location ?? null,
    filter.supplier ?? null,
    filter.sku ?? null,
    filter.q === undefined ? null : `%${filter.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
    filter.overDays,
    filter.before,
    filter.view,
    filter.after?.value ?? null,
    filter.after?.sku ?? null,
    filter.limit + 1,
    LEAD_DAYS,
    TARGET_DAYS,
    SETTLED_DAYS,
  ])
  const [found] = rows
  return found ?? { rows: [], totals: { all: 0, low: 0, out: 0, over: 0, turnover: 0, proposals: 0 }, measured_at: null }
}

/** How a moment is written inside JSON. */
const STAMP = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

/** Deliveries one after another, each with what there is until the next one: the first gap is where goods run out. */
const RUNS_OUT = `
  select min(greatest(0, x.until)) as days from (
    select t.at, t.q_until / s.per_day as until, lead(t.at) over (order by t.at, t.id) as next_at from (
      select 0::numeric as at, 0::bigint as id, s.available as q_until
      union all
      select extract(epoch from a.promised_at - $1::timestamptz)::numeric / 86400, a.id, s.available + sum(a.quantity - a.received) over (order by a.promised_at, a.id rows unbounded preceding)
        from arrivals a join locations l on l.id = a.location and l.sellable
        where a.sku = s.sku and a.state = 'open' and a.promised_at > $1 and ($2::text is null or a.location = $2)) t) x
  where x.next_at is null or x.until < x.next_at`

const PLAN = `
with goods as (
  select t.sku, sum(t.on_hand) as on_hand, sum(t.reserved) as reserved, sum(t.safety) as safety, sum(t.held) as held, bool_or(t.as_of is not null) as counted
  from stock t join locations l on l.id = t.location where case when $2::text is null then l.sellable else t.location = $2 end group by t.sku),
coming as (
  select a.sku, sum(a.quantity - a.received) as on_way, min(a.promised_at) filter (where a.promised_at > $1) as next_arrival,
    coalesce(sum(a.quantity - a.received) filter (where a.promised_at <= $1), 0) as overdue
  from arrivals a join locations l on l.id = a.location and l.sellable where a.state = 'open' and ($2::text is null or a.location = $2) group by a.sku),
stand as (
  select k.sku, k.title, k.category, coalesce(g.counted, false) as counted, coalesce(g.on_hand, 0) as on_hand, coalesce(g.reserved, 0) as reserved, coalesce(g.safety, 0) as safety,
    coalesce(g.held, 0) as held, coalesce(g.on_hand - g.reserved - g.held, 0) as available, coalesce(c.on_way, 0) as on_way, c.next_arrival, coalesce(c.overdue, 0) as overdue,
    coalesce(v.per_day_7, 0) as per_day_7, coalesce(v.per_day_28, 0) as per_day_28, round((coalesce(v.per_day_7, 0) + coalesce(v.per_day_28, 0)) / 2, 6) as per_day,
    coalesce(v.sold_90, 0) as sold_90, coalesce(v.on_hand_90, 0) as on_hand_90, coalesce(($1::timestamptz at time zone 'UTC')::date - v.first_day + 1, 0) as known_days,
    coalesce(y.lead_days, p.lead_days, $12::int) as lead_days, coalesce(y.target_days, $13::int) as target_days, coalesce(y.pack, 1) as pack, coalesce(y.min_order, 0) as min_order,
    p.id as supplier_id, p.name as supplier
  from skus k left join goods g using (sku) left join coming c using (sku) left join sku_speeds v on v.sku = k.sku and v.location = coalesce($2, '*')
    left join sku_supply y on y.sku = k.sku left join suppliers p on p.id = y.supplier_id
  where k.active and (g.sku is not null or c.sku is not null or y.sku is not null) and not exists (select 1 from bundle_parts b where b.bundle = k.sku)
    and ($3::bigint is null or p.id = $3) and ($4::text is null or k.sku = $4) and ($5::text is null or k.sku ilike $5 or k.title ilike $5 or k.barcode like $5)),
reckoned as (
  select s.*, case when counted then round(per_day * lead_days + safety, 2) end as reorder_point,
    case when per_day > 0 and counted then round(greatest(0, available) / per_day, 2) end as cover,
    case when per_day > 0 and counted then case when next_arrival is null then greatest(0, available) / per_day else (${RUNS_OUT}) end end as days_left,
    case when on_hand_90 > 0 then round(sold_90 / on_hand_90, 2) end as turnover
  from stand s),
plan as materialized (
  select r.*, counted and (available < reorder_point or available < 0) as low,
    counted and available > 0 and known_days >= $14 and (per_day = 0 or cover > $6::numeric) as over,
    case when days_left < 3653 then $1::timestamptz + days_left * interval '1 day' end as runs_out,
    case when counted and available + on_way < reorder_point then
      ceil(greatest(min_order, per_day * (lead_days + target_days) + safety - available - on_way) / pack) * pack else 0 end as proposal
  from reckoned r),
viewed as (
  select p.*, case $8 when 'over' then -coalesce(cover, 1e12) when 'turnover' then coalesce(turnover, 0) when 'all' then 0 else coalesce(days_left, 1e12) end as sort
  from plan p where case $8 when 'low' then low when 'out' then runs_out < $7::timestamptz when 'over' then over when 'turnover' then turnover is not null
    when 'proposals' then proposal > 0 else true end),
page as (
  select * from viewed where $9::numeric is null or (sort, sku) > ($9::numeric, $10::text) order by sort, sku limit $11)
select coalesce((select json_agg(json_build_object('sort', trim_scale(sort)::text, 'row', json_build_object('sku', sku, 'title', title, 'category', category, 'counted', counted, 'on_hand', trim_scale(on_hand)::text, 'reserved', trim_scale(reserved)::text,
    'held', trim_scale(held)::text, 'safety', trim_scale(safety)::text, 'available', trim_scale(available)::text, 'on_way', trim_scale(on_way)::text,
    'next_arrival', to_char(next_arrival at time zone 'UTC', ${STAMP}), 'overdue', trim_scale(overdue)::text, 'per_day_7', trim_scale(per_day_7)::text, 'per_day_28', trim_scale(per_day_28)::text,
    'per_day', trim_scale(per_day)::text, 'cover_days', trim_scale(cover)::text, 'runs_out', to_char(runs_out at time zone 'UTC', ${STAMP}), 'sold_90', trim_scale(sold_90)::text,
    'on_hand_90', trim_scale(on_hand_90)::text, 'turnover', trim_scale(turnover)::text, 'known_days', known_days, 'lead_days', lead_days, 'target_days', target_days, 'pack', trim_scale(pack)::text,
    'min_order', trim_scale(min_order)::text, 'reorder_point', trim_scale(reorder_point)::text, 'proposal', trim_scale(proposal)::text, 'low', low, 'over', over,
    'supplier_id', supplier_id::text, 'supplier', supplier)) order by sort, sku) from page), '[]') as rows,
  (select json_build_object('all', count(*), 'low', count(*) filter (where low), 'out', count(*) filter (where runs_out < $7::timestamptz), 'over', count(*) filter (where over),
    'turnover', count(*) filter (where turnover is not null), 'proposals', count(*) filter (where proposal > 0)) from plan) as totals,
  (select to_char(measured_at at time zone 'UTC', ${STAMP}) from stock_plan_state) as measured_at`
