import type pg from 'pg'

/** What a draft would do to one document, where it does anything. */
export interface KeptComparison {
  /** `order/4711` */
  readonly item: string
  readonly outcome: string
  readonly detail: {
    readonly number: string
    readonly problem?: string
    readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[]
  }
}

/** Kept beside the job; a batch that is repeated after a crash says the same once more. */
export async function keepComparisons(pool: pg.Pool, jobId: string, items: readonly KeptComparison[]): Promise<void> {
  if (items.length === 0) return
  await pool.query(
    `insert into job_items (job_id, item, outcome, detail) select $1, item, outcome, detail from json_to_recordset($2::json) x(item text, outcome text, detail json)
     order by item on conflict do nothing`,
    [jobId, JSON.stringify(items)],
  )
}

/** Documents of a dry run with this outcome, or in which this path differs, in the order of their keys. */
export async function listComparisons(
  pool: pg.Pool,
  jobId: string,
  filter: { readonly outcome?: string | undefined; readonly path?: string | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<readonly KeptComparison[]> {
  const { rows } = await pool.query<KeptComparison>(
    `select item, outcome, detail from job_items where job_id = $1 and ($2::text is null or outcome = $2) and ($3::text is null or item > $3)
       and ($4::text is null or exists (select 1 from json_array_elements(detail -> 'changes') c where c ->> 'path' = $4)) order by item limit $5`,
    [jobId, filter.outcome ?? null, filter.after ?? null, filter.path ?? null, filter.limit + 1],
  )
  return rows
}
