import { randomUUID } from 'node:crypto'
import type pg from 'pg'

export type JobKind = 'backfill' | 'replay' | 'import' | 'export' | 'sandbox-remove' | 'listings' | 'ledger' | 'mapping'
export type JobState = 'planned' | 'running' | 'done' | 'failed' | 'cancelled'

/** Long work with progress that survives the page, the process and the workflow server. */
export interface Job {
  readonly id: string
  readonly kind: JobKind
  readonly connection_id: string | null
  readonly params: Readonly<Record<string, unknown>>
  readonly state: JobState
  readonly done: number
  readonly total: number | null
  readonly result: Readonly<Record<string, unknown>>
  readonly message: string | null
  readonly created_by: string | null
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
}

export async function createJob(
  db: pg.Pool | pg.PoolClient,
  job: {
    readonly kind: JobKind
    readonly connectionId?: string
    readonly params: Readonly<Record<string, unknown>>
    readonly createdBy: string
    readonly total?: number
  },
): Promise<Job> {
  const id = `j_${randomUUID().replaceAll('-', '').slice(0, 20)}`
  const {
    rows: [row],
  } = await db.query<Job>(`insert into jobs (id, kind, connection_id, params, created_by, total) values ($1, $2, $3, $4, $5, $6) returning *`, [
    id,
    job.kind,
    job.connectionId ?? null,
    JSON.stringify(job.params),
    job.createdBy,
    job.total ?? null,
  ])
  if (!row) throw new Error('The job was not stored.')
  return row
}

export async function loadJob(db: pg.Pool | pg.PoolClient, id: string): Promise<Job | undefined> {
  return (await db.query<Job>('select * from jobs where id = $1', [id])).rows[0]
}

/** Records progress; answers false when somebody cancelled the job meanwhile, so that the work stops within one batch. */
export async function progressJob(
  db: pg.Pool | pg.PoolClient,
  id: string,
  progress: { readonly done: number; readonly total?: number; readonly result?: Readonly<Record<string, unknown>> },
): Promise<boolean> {
  const {
    rows: [row],
  } = await db.query<{ state: JobState }>(
    `update jobs set state = case when state = 'planned' then 'running' else state end, started_at = coalesce(started_at, now()), done = $2, total = coalesce($3, total), result = coalesce($4, result)
     where id = $1 returning state`,
    [id, progress.done, progress.total ?? null, progress.result ? JSON.stringify(progress.result) : null],
  )
  return row?.state === 'running'
}

/** Ends a job; a cancelled one stays cancelled. */
export async function finishJob(db: pg.Pool | pg.PoolClient, id: string, state: 'done' | 'failed', message?: string): Promise<void> {
  await db.query(
    `update jobs set state = case when state = 'cancelled' then state else $2 end, message = coalesce($3, message), finished_at = now() where id = $1`,
    [id, state, message ?? null],
  )
}

/** Asks a job to stop; false when it had ended already. */
export async function cancelJob(db: pg.Pool | pg.PoolClient, id: string): Promise<boolean> {
  const { rowCount } = await db.query(`update jobs set state = 'cancelled', finished_at = now() where id = $1 and state in ('planned','running')`, [
    id,
  ])
  return rowCount === 1
}

/** Jobs that were under way or waiting when the hub stopped. */
export async function unfinishedJobs(pool: pg.Pool): Promise<readonly Job[]> {
  return (await pool.query<Job>(`select * from jobs where state in ('planned','running') order by created_at`)).rows
}
