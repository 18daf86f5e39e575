import { createHash } from 'node:crypto'
import pg from 'pg'
import { sql0001 } from './migrations/0001-intake.ts'
import { sql0002 } from './migrations/0002-orders.ts'
import { sql0003 } from './migrations/0003-stock.ts'
import { sql0004 } from './migrations/0004-people.ts'
import { sql0005 } from './migrations/0005-outbound.ts'
import { sql0006 } from './migrations/0006-facts.ts'
import { DomainError } from '../core/fault.ts'

/** Forward-only, in this order, never edited once released: the checksum is compared at every boot. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-intake', sql: sql0001 },
  { name: '0002-orders', sql: sql0002 },
  { name: '0003-stock', sql: sql0003 },
  { name: '0004-people', sql: sql0004 },
  { name: '0005-outbound', sql: sql0005 },
  { name: '0006-facts', sql: sql0006 },
]

const MIGRATION_LOCK = 7_203_001

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Brings the database to the newest schema, one transaction per step under an advisory lock; returns the steps applied. */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query(`create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    const applied = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations')
    const known = new Map(applied.rows.map((row) => [row.name, row.checksum]))
    const done: string[] = []
    for (const step of MIGRATIONS) {
      const sum = checksum(step.sql)
      const before = known.get(step.name)
      if (before === sum) continue
      if (before !== undefined) {
        throw new DomainError('migration-edited', `Migration ${step.name} differs from the one this database was built with. Restore the released file.`)
      }
      await applyStep(client, step.name, step.sql, sum)
      done.push(step.name)
    }
    return done
  } finally {
    await client.end()
  }
}

async function applyStep(client: pg.Client, name: string, text: string, sum: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [name, sum])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new DomainError('migration-failed', `Migration ${name} failed; nothing of it was kept.`, { name }, { cause: error })
  }
}

/** Names of the migrations this build carries, newest last. */
export const migrationNames = (): readonly string[] => MIGRATIONS.map((step) => step.name)
