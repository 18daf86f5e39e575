import type pg from 'pg'
import { withTx } from '../db.ts'
import { LEARNED, type Shape, joined, shapeJson, shapeOf } from './shape.ts'

/** What is known of one kind of documents of a connection. */
export interface KnownShape {
  readonly shape: Shape
  /** Enough documents were looked at: what is new is news. */
  readonly learned: boolean
}

/** Something that was not there before. */
export interface Sighting {
  readonly what: 'field' | 'type' | 'value'
  readonly path: string
  readonly detail: string
  readonly count: number
  readonly failing: boolean
  /** Ids of the documents' entities, the newest first. */
  readonly samples: readonly string[]
  readonly firstAt: Date
  readonly lastAt: Date
}

export interface Gathered {
  readonly connectionId: string
  readonly kind: string
  /** Documents looked at. */
  readonly seen: number
  readonly learn: Shape
  readonly sightings: readonly Sighting[]
}

/** A connection whose documents changed altogether is said so often enough. */
const MOST_OPEN = 100
const SAMPLES = 5

const isKnown = (shape: Shape, { what, path, detail }: Sighting): boolean => {
  const place = shape.get(path)
  if (place === undefined) return false
  if (what === 'field') return true
  return what === 'value' ? place.wordless === true || place.words?.has(detail) === true : [...place.types].some((type) => type === detail)
}

interface Row {
  readonly seen: number
  readonly shape: unknown
}

export async function loadShape(db: Pick<pg.Pool, 'query'>, connectionId: string, kind: string): Promise<KnownShape> {
  const { rows } = await db.query<Row>('select seen::int, shape from drift_shapes where connection_id = $1 and kind = $2', [connectionId, kind])
  return { shape: shapeOf(rows[0]?.shape ?? {}), learned: (rows[0]?.seen ?? 0) >= LEARNED }
}

/**
 * Adds what one process gathered to what all know; answers what all know now. What another process learned, or a person acknowledged, in the
 * meantime is no news any more.
 */
export async function keepDrift(pool: pg.Pool, gathered: Gathered): Promise<KnownShape> {
  const { connectionId, kind } = gathered
  return withTx(pool, async (client) => {
    await client.query(
      `insert into drift_shapes (connection_id, kind) select id, $2 from connections where id = $1 on conflict (connection_id, kind) do nothing`,
      [connectionId, kind],
    )
    const { rows } = await client.query<Row>('select seen::int, shape from drift_shapes where connection_id = $1 and kind = $2 for update', [
      connectionId,
      kind,
    ])
    const before = rows[0]
    if (!before) return { shape: new Map(), learned: false } // the connection is gone
    const known = shapeOf(before.shape)
    const shape = joined(known, gathered.learn)
    const seen = Math.min(1_000_000, before.seen + gathered.seen)
    await client.query('update drift_shapes set shape = $3, seen = $4, updated_at = now() where connection_id = $1 and kind = $2', [
      connectionId,
      kind,
      shapeJson(shape),
      seen,
    ])
    const news = gathered.sightings.filter((sighting) => !isKnown(shape, sighting))
    if (news.length > 0) await notice(client, gathered, news)
    return { shape, learned: seen >= LEARNED }
  })
}

/** Samples are named by their entity; which document of it stands is looked up. */
async function notice(client: pg.PoolClient, { connectionId, kind }: Gathered, news: readonly Sighting[]): Promise<void> {
  const json = JSON.stringify(
    news
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ firstAt, lastAt, ...rest }) => ({ ...rest, first_at: firstAt.toISOString(), last_at: lastAt.toISOString() })),
  )
  await client.query(
    `with given as (select row_number() over () as n, g.* from json_to_recordset($3::json) g(what text, path text, detail text, count bigint, failing boolean, samples json, first_at timestamptz, last_at timestamptz)),
       sampled as (select g.*, (select coalesce(json_agg(json_build_object('raw_id', h.raw_id::text, 'entity', $2 || '/' || s.id) order by s.at), '[]')
         from json_array_elements_text(g.samples) with ordinality s(id, at) left join raw_heads h on h.connection_id = $1 and h.kind = $2 and h.external_id = s.id) as named from given g),
       room as (select greatest(0, ${MOST_OPEN} - count(*)) as places from drift_notices where connection_id = $1 and state = 'open')
     insert into drift_notices as d (connection_id, kind, what, path, detail, count, failing, samples, first_at, last_at)
     select $1, $2, what, path, detail, count, failing, named, first_at, last_at from sampled
       where n <= (select places from room) or exists (select 1 from drift_notices e where e.connection_id = $1 and e.kind = $2 and e.what = sampled.what and e.path = sampled.path and e.detail = sampled.detail)
       order by what, path, detail
     on conflict (connection_id, kind, what, path, detail) do update set count = d.count + excluded.count, failing = d.failing or excluded.failing, last_at = greatest(d.last_at, excluded.last_at),
       samples = (select json_agg(x) from (select x from (select x, 0 as o from json_array_elements(excluded.samples) x union all select x, 1 from json_array_elements(d.samples) x) a order by o limit ${SAMPLES}) b)`,
    [connectionId, kind, json],
  )
}
