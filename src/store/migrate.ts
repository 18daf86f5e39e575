import { Kysely, Migrator, PostgresDialect, sql, type Migration } from 'kysely'
import pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { sql0001 } from './migrations/0001-intake.ts'
import { sql0002 } from './migrations/0002-orders.ts'
import { sql0003 } from './migrations/0003-stock.ts'
import { sql0004 } from './migrations/0004-people.ts'
import { sql0005 } from './migrations/0005-outbound.ts'
import { sql0006 } from './migrations/0006-facts.ts'
import { sql0007 } from './migrations/0007-find.ts'
import { sql0008 } from './migrations/0008-order-children.ts'
import { sql0009 } from './migrations/0009-lighter-orders.ts'
import { sql0010 } from './migrations/0010-escrow.ts'
import { sql0011 } from './migrations/0011-hand-overs.ts'
import { sql0012 } from './migrations/0012-stock-model.ts'
import { sql0013 } from './migrations/0013-stock-rules.ts'
import { sql0014 } from './migrations/0014-push-speed.ts'
import { sql0015 } from './migrations/0015-stock-proof.ts'
import { sql0016 } from './migrations/0016-in-place.ts'
import { sql0017 } from './migrations/0017-overrides.ts'
import { sql0018 } from './migrations/0018-ledger.ts'
import { sql0019 } from './migrations/0019-mapping-versions.ts'
import { sql0020 } from './migrations/0020-drift.ts'
import { sql0021 } from './migrations/0021-alerts.ts'
import { sql0022 } from './migrations/0022-people.ts'
import { sql0023 } from './migrations/0023-failure-figures.ts'
import { sql0024 } from './migrations/0024-stock-plan.ts'
import { sql0025 } from './migrations/0025-level-calls.ts'
import { sql0026 } from './migrations/0026-told-calls.ts'
import { sql0028 } from './migrations/0028-long-lists.ts'
import { sql0029 } from './migrations/0029-notices.ts'
import { sql0030 } from './migrations/0030-audit-begun.ts'
import { sql0031 } from './migrations/0031-exclusive-places.ts'
import { sql0032 } from './migrations/0032-on-wire.ts'
import { sql0035 } from './migrations/0035-party-mark.ts'
import { sql0036 } from './migrations/0036-privacy-alert.ts'
import { sql0038 } from './migrations/0038-placed-lines.ts'
import { sql0038b } from './migrations/0038-supply-by-rule.ts'
import { sql0039 } from './migrations/0039-paused-skus.ts'

/** Forward-only, in this order. A released step is never edited: test/unit/store/migrations.test.ts holds their checksums. */
export const MIGRATIONS: Readonly<Record<string, string>> = {
  '0001-intake': sql0001,
  '0002-orders': sql0002,
  '0003-stock': sql0003,
  '0004-people': sql0004,
  '0005-outbound': sql0005,
  '0006-facts': sql0006,
  '0007-find': sql0007,
  '0008-order-children': sql0008,
  '0009-lighter-orders': sql0009,
  '0010-escrow': sql0010,
  '0011-hand-overs': sql0011,
  '0012-stock-model': sql0012,
  '0013-stock-rules': sql0013,
  '0014-push-speed': sql0014,
  '0015-stock-proof': sql0015,
  '0016-in-place': sql0016,
  '0017-overrides': sql0017,
  '0018-ledger': sql0018,
  '0019-mapping-versions': sql0019,
  '0020-drift': sql0020,
  '0021-alerts': sql0021,
  '0022-people': sql0022,
  '0023-failure-figures': sql0023,
  '0024-stock-plan': sql0024,
  '0025-level-calls': sql0025,
  '0026-told-calls': sql0026,
  '0028-long-lists': sql0028,
  '0029-notices': sql0029,
  '0030-audit-begun': sql0030,
  '0031-exclusive-places': sql0031,
  '0032-on-wire': sql0032,
  '0035-party-mark': sql0035,
  '0036-privacy-alert': sql0036,
  '0038-placed-lines': sql0038,
  '0038-supply-by-rule': sql0038b,
  '0039-paused-skus': sql0039,
}

/** Names of the migrations this build carries, newest last. */
export const migrationNames = (): readonly string[] => Object.keys(MIGRATIONS)

const stepOf = (text: string): Migration => ({ up: async (db) => void (await sql.raw(text).execute(db)) })

/**
 * Brings the database to the newest schema in one transaction, under a lock that several starting processes share;
 * answers the steps applied. @throws DomainError `migration-failed`; nothing is kept then
 */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: databaseUrl, max: 2 }) }) })
  try {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(Object.fromEntries(Object.entries(MIGRATIONS).map(([name, text]) => [name, stepOf(text)]))) },
      migrationTableName: 'migrations',
      migrationLockTableName: 'migrations_lock',
    })
    const { error, results = [] } = await migrator.migrateToLatest()
    const failed = results.find((result) => result.status === 'Error')
    if (error !== undefined) {
      throw new DomainError(
        'migration-failed',
        `${failed ? `Migration ${failed.migrationName}` : 'Migrating the database'} failed; nothing of it was kept.`,
        {},
        { cause: error },
      )
    }
    return results.map((result) => result.migrationName)
  } finally {
    await db.destroy()
  }
}
