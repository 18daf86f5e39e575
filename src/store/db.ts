import pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { UnencodableError } from './binary-values.ts'

const INT8 = 20
const TIMESTAMPTZ = 1184
const DATE = 1082

/** int8 as a safe number, timestamptz as ISO text in UTC, dates as text, numeric stays text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return parseInt8
    if (oid === TIMESTAMPTZ) return (text: string) => new Date(text).toISOString()
    if (oid === DATE) return (text: string) => text
    return pg.types.getTypeParser(oid, format)
  }) as pg.CustomTypesConfig['getTypeParser'],
}

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new DomainError('integer-range', `Database integer ${text} does not fit a safe number.`)
  return value
}

export interface PoolOptions {
  readonly max?: number
  readonly name?: string
  /**
   * Every statement finds its rows by their keys: for work that touches a few rows of large tables, whose plans would otherwise hash a whole table
   * whenever its statistics are young or missing.
   */
  readonly byKeys?: boolean
  /** Called when an idle connection dies (database restart); the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void
}

/**
 * A session knows its staging tables, functions and plans; making them takes a tenth of a second, which somebody waits for.
 */
const IDLE_MS = 10 * 60_000

const BY_KEYS = ' -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_memoize=off'

/**
 * The one way to open connections. A stalled client must never hold locks for long, so every session carries
 * statement, lock and idle-in-transaction timeouts.
 */
export function createPool(databaseUrl: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max ?? 8,
    types,
    application_name: options.name ?? 'channel-hub',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: 25_000,
    options:
      '-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=5000 -c TimeZone=UTC -c jit=off' +
      (options.byKeys ? BY_KEYS : ''),
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  // The pool listens to idle connections only; one in use that is cut off fails its query, and must not end the process besides.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

const RETRYABLE = new Set(['40P01', '40001'])

/** SQLSTATE of a database error, undefined for anything else. */
export const sqlState = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined)

/** True when the error came from the data itself (one row meant twice, constraint, range, encoding, a text no index takes), so that bisecting a batch can isolate it. */
export const isDataError = (error: unknown): boolean => error instanceof UnencodableError || /^(21|22|23|54000$)/.test(sqlState(error) ?? '')

/**
 * Runs `work` in one transaction; deadlocks and serialisation failures are tried twice more. `work` may have committed
 * already through `finish` (feed row last); then nothing more is sent. `prepare` runs before BEGIN (session set-up).
 */
export async function withTx<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  prepare?: (client: pg.PoolClient) => Promise<void>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await prepare?.(client)
      await client.query('begin')
      const result = await work(client)
      if (!finished.delete(client)) await client.query('commit')
      return result
    } catch (error) {
      finished.delete(client)
      broken = unanswered(error) ? error : await rollback(client)
      if (attempt < 2 && RETRYABLE.has(sqlState(error) ?? '')) continue
      throw error
    } finally {
      client.release(broken)
    }
  }
}

/**
 * Runs `work`, one statement that is a transaction by itself, with the retries of `withTx`. `prepare` is session set-up; `afterwards` has the
 * session for itself once the answer was given, and nobody waits for it. A session it fails in is given up.
 */
export async function withStatement<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  prepare: (client: pg.PoolClient) => Promise<void>,
  afterwards?: (client: pg.PoolClient) => Promise<void>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const client = await pool.connect()
    try {
      await prepare(client)
      const result = await work(client)
      if (!afterwards) client.release()
      else
        void afterwards(client).then(
          () => client.release(),
          () => client.release(true),
        )
      return result
    } catch (error) {
      client.release(unanswered(error) ? error : undefined)
      if (attempt < 2 && RETRYABLE.has(sqlState(error) ?? '')) continue
      throw error
    }
  }
}

/** The connection still waits for that answer: a rollback would queue behind it and run into the same timeout. */
const unanswered = (error: unknown): error is Error => error instanceof Error && error.message === 'Query read timeout'

async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed')
  }
}

const finished = new WeakSet<pg.PoolClient>()
/** Marks a transaction as committed by its last message; see finish.ts. */
export const markFinished = (client: pg.PoolClient): void => {
  finished.add(client)
}
