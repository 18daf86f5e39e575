import type { Db, Visible } from './scope.ts'

export interface JobRow {
  readonly id: string
  readonly kind: 'backfill' | 'replay' | 'import' | 'export' | 'sandbox-remove' | 'listings' | 'ledger' | 'mapping'
  readonly connection_id: string | null
  readonly params: Readonly<Record<string, unknown>>
  readonly state: 'planned' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly done: number
  readonly total: number | null
  readonly result: Readonly<Record<string, unknown>>
  readonly message: string | null
  readonly created_by: string | null
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
  /** Items per second since it started. */
  readonly rate: number | null
  readonly sort_value: string
}

const COLUMNS = `id, kind, connection_id, params, state, done, total, result, message, created_by, created_at, started_at, finished_at, created_at::text as sort_value,
  case when started_at is not null then round(done / greatest(extract(epoch from coalesce(finished_at, now()) - started_at), 0.001), 2)::float8 end as rate`

/** Newest first. Jobs over all connections are seen by callers who see all. */
export async function listJobs(
  db: Db,
  filter: {
    readonly kind?: string | undefined
    readonly state?: string | undefined
    readonly connection?: string | undefined
    readonly limit: number
    readonly after?: { readonly value: string; readonly id: string } | undefined
  },
  visible: Visible,
): Promise<readonly JobRow[]> {
  const { rows } = await db.query<JobRow>(
    `select ${COLUMNS} from jobs where ($1::text[] is null or connection_id = any($1)) and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
       and ($4::text is null or connection_id = $4) and ($5::timestamptz is null or (created_at, id) < ($5, $6)) order by created_at desc, id desc limit $7`,
    [
      visible,
      filter.kind ?? null,
      filter.state ?? null,
      filter.connection ?? null,
      filter.after?.value ?? null,
      filter.after?.id ?? null,
      filter.limit + 1,
    ],
  )
  return rows
}

export async function readJob(db: Db, id: string, visible: Visible): Promise<JobRow | undefined> {
  const { rows } = await db.query<JobRow>(`select ${COLUMNS} from jobs where id = $1 and ($2::text[] is null or connection_id = any($2))`, [
    id,
    visible,
  ])
  return rows[0]
}

export interface JobItemRow {
  readonly item: string
  readonly outcome: string
  readonly detail: unknown
}

/** What became of each item, in key order. */
export async function listJobItems(
  db: Db,
  jobId: string,
  page: { readonly outcome?: string | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<readonly JobItemRow[]> {
  const { rows } = await db.query<JobItemRow>(
    `select item, outcome, detail from job_items where job_id = $1 and ($2::text is null or item > $2) and ($3::text is null or outcome = $3) order by item limit $4`,
    [jobId, page.after ?? null, page.outcome ?? null, page.limit + 1],
  )
  return rows
}
