import { EFFECT_JSON } from './order.ts'
import { Conditions, type Db, type Visible, within } from './scope.ts'

export interface EffectFilter {
  readonly state?: string | undefined
  readonly kind?: string | undefined
  readonly connection?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** An outbound write in its API form, with the order number it concerns. */
export interface EffectRowJson {
  readonly id: string
  readonly effect: Readonly<Record<string, unknown>>
  readonly channel_order_no: string | null
  readonly tracking_no: string | null
}

const COLUMNS = `e.id::text, ${EFFECT_JSON} as effect, (select o.channel_order_no from orders o where o.id = e.order_id) as channel_order_no,
  (select s.tracking_no from shipments s where s.id = e.shipment_id) as tracking_no`

const FIELDS = `e.id, e.connection_id, e.kind, e.idempotency_key, e.order_id, e.shipment_id, e.listing_key, e.intent, e.state, e.attempts, e.not_before, e.fault_kind, e.code, e.message, e.proof, e.history,
  e.created_at, e.sent_at, e.settled_at`

/**
 * Newest first. `open` stands for pending, sending and unknown together. Each source gives its newest, so that none is read whole: levels that were taken stand in
 * the rows of their calls, of which those with the greatest last numbers have the newest levels, and those around the cursor.
 */
export async function listEffects(db: Db, filter: EffectFilter, visible: Visible): Promise<readonly EffectRowJson[]> {
  const where = new Conditions()
    .visible('e.connection_id', visible)
    .add(filter.kind, (p) => `e.kind = ${p}`)
    .add(filter.connection, (p) => `e.connection_id = ${p}`)
    .add(filter.after, (p) => `e.id < ${p}::bigint`)
  if (filter.state === 'open') where.always(`e.state in ('pending','sending','unknown')`)
  else where.add(filter.state, (p) => `e.state = ${p}`)
  const most = where.value(filter.limit + 1)
  const sources = [`(select ${FIELDS} from effects e where ${where.sql()} order by e.id desc limit ${most})`]
  if (filter.kind === undefined || filter.kind === 'stock') {
    sources.push(`(select ${FIELDS} from effects_sending e where ${where.sql()} order by e.id desc limit ${most})`)
    if (filter.state === undefined || filter.state === 'done') sources.push(`(${taken(where, filter, visible, most)})`)
  }
  const { rows } = await db.query<EffectRowJson>(
    `select ${COLUMNS} from (${sources.join(' union all ')}) e order by e.id desc limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

function taken(where: Conditions, { connection, after }: EffectFilter, visible: Visible, most: string): string {
  const [conditions, before] = [where.sql(), where.value(after ?? null)]
  const own = within('c.id', where.values.push(visible))
  return `select ${FIELDS} from (
      (select c.id, k.last_id from connections c cross join lateral (
        select t.last_id from told_calls t where t.connection_id = c.id and (${before}::bigint is null or t.last_id < ${before}::bigint) order by t.last_id desc limit ${most}) k
      where ${own} and (${where.value(connection ?? null)}::text is null or c.id = $${where.values.length}) order by k.last_id desc limit ${most})
      union all select t.connection_id, t.last_id from told_calls t where int8range(t.first_id, t.last_id, '[]') @> ${before}::bigint) k
    join effects_told e on e.connection_id = k.id and e.last_id = k.last_id where ${conditions} order by e.id desc limit ${most}`
}

export async function readEffect(db: Db, id: string, visible: Visible): Promise<(EffectRowJson & { readonly connection_id: string }) | undefined> {
  const { rows } = await db.query<EffectRowJson & { connection_id: string }>(
    `select ${COLUMNS}, e.connection_id from effect_numbered($1::bigint) e where ($2::text[] is null or e.connection_id = any($2))`,
    [id, visible],
  )
  return rows[0]
}
