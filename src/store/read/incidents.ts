import { stamp } from './order.ts'
import { Conditions, type Db, type Visible } from './scope.ts'

export interface IncidentFilter {
  readonly id?: string | undefined
  readonly state?: 'open' | 'closed' | undefined
  readonly sku?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** A shortage of a SKU with why it came about. */
export interface IncidentRow {
  readonly id: string
  readonly sku: string
  readonly title: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly short_most: string
  readonly short_now: string
  readonly causes: readonly AboutConnection[]
  readonly trail: readonly AboutConnection[]
}
type AboutConnection = Readonly<Record<string, unknown>> & { readonly connection_id?: string }

/** Newest first. Whoever may see only some connections sees the incidents of what is listed there. */
export async function listIncidents(db: Db, filter: IncidentFilter, visible: Visible): Promise<readonly IncidentRow[]> {
  const where = new Conditions()
    .add(filter.id, (p) => `i.id = ${p}::bigint`)
    .add(filter.sku, (p) => `i.sku = ${p}`)
    .add(filter.after, (p) => `i.id < ${p}::bigint`)
  if (filter.state !== undefined) where.always(filter.state === 'open' ? 'i.closed_at is null' : 'i.closed_at is not null')
  if (visible !== null) where.add(visible, (p) => `exists (select 1 from listings l where l.sku = i.sku and l.connection_id = any(${p}::text[]))`)
  const { rows } = await db.query<IncidentRow>(
    `select i.id::text, i.sku, k.title, ${stamp('i.opened_at')} as opened_at, ${stamp('i.closed_at')} as closed_at, trim_scale(i.short_most)::text as short_most,
       trim_scale(i.short_now)::text as short_now, i.causes, i.trail
     from stock_incidents i join skus k using (sku) where ${where.sql()} order by i.id desc limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows.map((row) => ({ ...row, causes: seen(row.causes, visible), trail: seen(row.trail, visible) }))
}

const seen = (events: readonly AboutConnection[], visible: Visible): readonly AboutConnection[] =>
  visible === null ? events : events.filter(({ connection_id: id }) => id === undefined || visible.includes(id))
