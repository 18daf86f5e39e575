import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'

/** A system that reads the feed under a name of its own. */
export interface Consumer {
  readonly name: string
  readonly connections: readonly string[] | null
  readonly include_sandbox: boolean
  readonly acked_seq: number
  readonly acked_at: string | null
  readonly created_at: string
  readonly expired_at: string | null
  /** Positions it has not acknowledged yet. */
  readonly lag: number
}

const COLUMNS = `name, connections, include_sandbox, acked_seq, acked_at, created_at, expired_at, greatest(0, coalesce((select max(seq) from feed), 0) - acked_seq) as lag`

export async function listConsumers(db: Pick<pg.Pool, 'query'>): Promise<readonly Consumer[]> {
  return (await db.query<Consumer>(`select ${COLUMNS} from consumers order by name`)).rows
}

export async function findConsumer(db: Pick<pg.Pool, 'query'>, name: string): Promise<Consumer | undefined> {
  return (await db.query<Consumer>(`select ${COLUMNS} from consumers where name = $1`, [name])).rows[0]
}

/** Registers a consumer; the same again changes nothing. @throws DomainError `consumer-exists` with other settings */
export async function createConsumer(
  db: Pick<pg.Pool, 'query'>,
  input: Pick<Consumer, 'name' | 'connections' | 'include_sandbox'>,
): Promise<Consumer> {
  await db.query('insert into consumers (name, connections, include_sandbox) values ($1, $2, $3) on conflict (name) do nothing', [
    input.name,
    input.connections,
    input.include_sandbox,
  ])
  const stored = await findConsumer(db, input.name)
  const same =
    stored !== undefined &&
    stored.include_sandbox === input.include_sandbox &&
    JSON.stringify(stored.connections) === JSON.stringify(input.connections)
  if (!same) throw new DomainError('consumer-exists', `There is a consumer named "${input.name}" with other settings.`)
  return stored
}

export async function deleteConsumer(db: Pick<pg.Pool, 'query'>, name: string): Promise<boolean> {
  return (await db.query('delete from consumers where name = $1', [name])).rowCount === 1
}

/**
 * Notes how far a consumer has read; an older position than the noted one changes nothing.
 * @throws DomainError `position-ahead` for one the feed has not reached
 */
export async function ackPosition(db: Pick<pg.Pool, 'query'>, name: string, seq: number): Promise<number> {
  const {
    rows: [end],
  } = await db.query<{ last: number }>('select coalesce(max(seq), 0) as last from feed')
  if (seq > (end?.last ?? 0)) throw new DomainError('position-ahead', `The feed has only reached ${end?.last ?? 0}.`)
  const {
    rows: [row],
  } = await db.query<{ acked_seq: number }>(
    'update consumers set acked_at = now(), acked_seq = greatest(acked_seq, $2) where name = $1 returning acked_seq',
    [name, seq],
  )
  return row?.acked_seq ?? 0
}
