import { EFFECT_JSON } from './order.ts'
import { Conditions, type Db, type Visible } from './scope.ts'

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

/** Newest first. `open` stands for pending, sending and unknown together. */
export async function listEffects(db: Db, filter: EffectFilter, visible: Visible): Promise<readonly EffectRowJson[]> {
  const where = new Conditions()
    .visible('e.connection_id', visible)
    .add(filter.kind, (p) => `e.kind = ${p}`)
    .add(filter.connection, (p) => `e.connection_id = ${p}`)
    .add(filter.after, (p) => `e.id < ${p}::bigint`)
  if (filter.state === 'open') where.always(`e.state in ('pending','sending','unknown')`)
  else where.add(filter.state, (p) => `e.state = ${p}`)
  const { rows } = await db.query<EffectRowJson>(
    `select ${COLUMNS} from effects_now e where ${where.sql()} order by e.id desc limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

export async function readEffect(db: Db, id: string, visible: Visible): Promise<(EffectRowJson & { readonly connection_id: string }) | undefined> {
  const { rows } = await db.query<EffectRowJson & { connection_id: string }>(
    `select ${COLUMNS}, e.connection_id from effects_now e where e.id = $1 and ($2::text[] is null or e.connection_id = any($2))`,
    [id, visible],
  )
  return rows[0]
}
