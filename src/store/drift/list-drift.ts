import type pg from 'pg'
import { withTx } from '../db.ts'
import { Conditions, type Db, type Visible } from '../read/scope.ts'
import { type JsonType, type Place, joined, shapeJson, shapeOf } from './shape.ts'

export interface DriftNotice {
  readonly id: string
  readonly connection_id: string
  readonly kind: string
  readonly what: 'field' | 'type' | 'value'
  readonly path: string
  readonly detail: string
  readonly count: number
  readonly failing: boolean
  readonly samples: readonly { readonly raw_id: string | null; readonly entity: string; readonly order_id: string | null }[]
  readonly first_at: string
  readonly last_at: string
  readonly state: 'open' | 'acknowledged'
  readonly closed_by: string | null
  readonly closed_at: string | null
  readonly note: string | null
}

export interface DriftFilter {
  readonly connection?: string | undefined
  readonly state?: 'open' | 'acknowledged' | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** What was new in documents, the newest notice first. */
export async function listDrift(db: Db, filter: DriftFilter, visible: Visible): Promise<readonly DriftNotice[]> {
  const where = new Conditions()
    .visible('d.connection_id', visible)
    .add(filter.connection, (p) => `d.connection_id = ${p}`)
    .add(filter.state, (p) => `d.state = ${p}`)
    .add(filter.after, (p) => `d.id < ${p}`)
  const { rows } = await db.query<DriftNotice>(
    `select d.id::text, d.connection_id, d.kind, d.what, d.path, d.detail, d.count::int, d.failing, d.first_at, d.last_at, d.state, d.closed_by, d.closed_at, d.note,
       (select coalesce(json_agg(json_build_object('raw_id', s.x ->> 'raw_id', 'entity', s.x ->> 'entity', 'order_id', o.id::text) order by s.n), '[]') from json_array_elements(d.samples) with ordinality s(x, n)
         left join orders o on d.kind = 'order' and o.connection_id = d.connection_id and o.channel_order_no = substr(s.x ->> 'entity', 7)) as samples
     from drift_notices d join connections c on c.id = d.connection_id and c.state <> 'removed' where ${where.sql()} order by d.id desc limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

interface Acknowledged {
  readonly connection_id: string
  readonly kind: string
  readonly what: 'field' | 'type' | 'value'
  readonly path: string
  readonly detail: string
}

/** Takes notices for known: what they name is part of what documents look like from now on. How many were open. */
export async function acknowledgeDrift(
  pool: pg.Pool,
  ids: readonly string[],
  by: { readonly actor: string; readonly note: string | undefined; readonly now: Date },
  visible: Visible,
): Promise<number> {
  return withTx(pool, async (client) => {
    // Shapes before notices, as the sentinel locks them.
    await client.query(
      `select 1 from drift_shapes s where exists (select 1 from drift_notices d where d.id = any($1) and d.connection_id = s.connection_id and d.kind = s.kind) order by s.connection_id, s.kind for update`,
      [ids],
    )
    const { rows } = await client.query<Acknowledged>(
      `update drift_notices set state = 'acknowledged', closed_by = $2, closed_at = $3, note = $4
       where id = any($1) and state = 'open' and ($5::text[] is null or connection_id = any($5)) returning connection_id, kind, what, path, detail`,
      [ids, by.actor, by.now, by.note ?? null, visible],
    )
    for (const { connection_id, kind } of distinct(rows)) {
      const { rows: shapes } = await client.query<{ shape: unknown }>('select shape from drift_shapes where connection_id = $1 and kind = $2', [
        connection_id,
        kind,
      ])
      const news = rows.filter((row) => row.connection_id === connection_id && row.kind === kind)
      const shape = news.reduce((all, one) => joined(all, new Map([[one.path, placeOf(one)]])), shapeOf(shapes[0]?.shape ?? {}))
      await client.query('update drift_shapes set shape = $3, updated_at = now() where connection_id = $1 and kind = $2', [
        connection_id,
        kind,
        shapeJson(shape),
      ])
    }
    return rows.length
  })
}

const TYPES: readonly JsonType[] = ['text', 'number', 'yes-no', 'object', 'list']

function placeOf({ what, detail }: Acknowledged): Place {
  if (what === 'value') return { types: new Set(), seen: 0, words: new Set([detail]) }
  return { types: new Set(TYPES.filter((type) => detail.split(', ').includes(type))), seen: what === 'field' ? 1 : 0 }
}

const distinct = (rows: readonly Acknowledged[]): readonly Pick<Acknowledged, 'connection_id' | 'kind'>[] => [
  ...new Map(rows.map((row) => [`${row.connection_id} ${row.kind}`, row])).values(),
]
