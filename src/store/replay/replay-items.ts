import type pg from 'pg'

/** What became of one document, or in a dry run would. */
export interface ReplayItem {
  /** `connection/kind/external id` */
  readonly item: string
  readonly outcome: 'create' | 'change' | 'fail' | 'expired'
  readonly detail: Readonly<Record<string, unknown>>
}

/** Keeps the report of a replay beside its job; a batch that is repeated after a crash keeps what it said first. */
export async function keepReplayItems(pool: pg.Pool, jobId: string, items: readonly ReplayItem[]): Promise<void> {
  if (items.length === 0) return
  await pool.query(
    `insert into job_items (job_id, item, outcome, detail) select $1, item, outcome, detail from json_to_recordset($2::json) x(item text, outcome text, detail json)
     order by item on conflict do nothing`,
    [jobId, JSON.stringify(items)],
  )
}

interface ReplayReportRow {
  readonly item: string
  readonly outcome: string
  readonly number: string | null
  readonly reason: string | null
  readonly total: string | null
  readonly currency: string | null
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[] | null
}

/** The report, a slice at a time in the order of its keys. */
export async function replayReport(pool: pg.Pool, jobId: string, after: string, limit: number): Promise<readonly ReplayReportRow[]> {
  const { rows } = await pool.query<ReplayReportRow>(
    `select item, outcome, detail ->> 'number' as number, detail ->> 'reason' as reason, detail ->> 'total' as total, detail ->> 'currency' as currency, detail -> 'changes' as changes
     from job_items where job_id = $1 and item > $2 order by item limit $3`,
    [jobId, after, limit],
  )
  return rows
}
