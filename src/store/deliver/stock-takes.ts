import type pg from 'pg'
import type { StockCounted } from './count-stock.ts'

export interface StockTakeLine {
  readonly sku: string
  readonly counted: string
  readonly result: StockCounted['result'] | 'outdated-in-batch'
  /** What was missing (below zero) or too much by the books. */
  readonly delta: string
}

/** One stock-take as it was handed in, with what came of it. */
export interface StockTakeRow {
  readonly id: string
  readonly ref: string
  readonly location: string
  readonly as_of: string
  readonly whole: boolean
  readonly note: string | null
  readonly lines: readonly StockTakeLine[]
  readonly created_by: string | null
  readonly created_at: string
}

const COLUMNS = 'id::text, ref, location, as_of, whole, note, lines, created_by, created_at'

export async function findStockTake(
  db: Pick<pg.Pool, 'query'>,
  key: { readonly id?: string; readonly ref?: string },
): Promise<StockTakeRow | undefined> {
  const { rows } = await db.query<StockTakeRow>(`select ${COLUMNS} from stock_takes where id = $1 or ref = $2`, [key.id ?? null, key.ref ?? null])
  return rows[0]
}

/** Newest first, without their lines. */
export async function listStockTakes(
  db: Pick<pg.Pool, 'query'>,
  before: string | undefined,
  limit: number,
): Promise<readonly (Omit<StockTakeRow, 'lines'> & { readonly counted: number; readonly different: number })[]> {
  const { rows } = await db.query<Omit<StockTakeRow, 'lines'> & { counted: number; different: number }>(
    `select id::text, ref, location, as_of, whole, note, created_by, created_at, json_array_length(lines) as counted,
       (select count(*)::int from json_array_elements(lines) x(line) where x.line ->> 'delta' <> '0') as different
     from stock_takes where $1::bigint is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit + 1],
  )
  return rows
}

/** SKUs that should be at this place by the books and were not counted. */
export async function uncounted(client: pg.ClientBase, location: string, counted: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ sku: string }>('select sku from stock where location = $1 and on_hand <> 0 and sku <> all($2) order by sku', [
    location,
    counted,
  ])
  return rows.map(({ sku }) => sku)
}

export async function insertStockTake(
  client: pg.ClientBase,
  take: Pick<StockTakeRow, 'ref' | 'location' | 'as_of' | 'whole' | 'note' | 'lines'>,
  actor: string,
  now: Date,
): Promise<StockTakeRow | undefined> {
  const { rows } = await client.query<StockTakeRow>(
    `insert into stock_takes (ref, location, as_of, whole, note, lines, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [take.ref, take.location, take.as_of, take.whole, take.note, JSON.stringify(take.lines), actor, now],
  )
  return rows[0]
}
