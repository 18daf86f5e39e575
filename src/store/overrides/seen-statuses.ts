import type pg from 'pg'

/** The words orders of a channel stand under, with how many of its newest 20,000 do. */
export async function seenStatuses(pool: pg.Pool, channel: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ word: string; n: number }>(
    `select source_status as word, count(*)::int as n from (select source_status from orders where channel = $1 order by id desc limit 20000) o group by 1 order by 2 desc limit 200`,
    [channel],
  )
  return new Map(rows.map((row) => [row.word, row.n]))
}
