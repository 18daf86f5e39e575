import { randomBytes } from 'node:crypto'
import { files } from '../../mappings/files.ts'
import { openImport } from '../../src/app/files.ts'
import { importFile, type ImportReport } from '../../src/intake/files/import-file.ts'
import { pathSource } from '../../src/kit/files/source.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase } from '../support/db.ts'

const context = {
  connectionId: 'c_uci',
  channel: 'files',
  timezone: 'Europe/London',
  currency: 'GBP',
  config: { fieldMap: 'uci-online-retail' },
  sandbox: false,
}

export interface ImportStore {
  /** Imports a file of UCI rows; the same again is harmless. */
  import(path: string): Promise<ImportReport & { readonly rowsToldOf: number }>
  /** The one row a query answers, as text. */
  one(sql: string): Promise<Readonly<Record<string, string>>>
  /** Most heap seen between two batches. */
  peakBytes(): number
  close(): Promise<void>
}

/** A database with one connection of the files channel that reads UCI "Online Retail". */
export async function importStore(): Promise<ImportStore> {
  const database = await freshDatabase()
  const pool = createPool(database.url)
  await pool.query(`insert into connections (id, channel, name, timezone) values ('c_uci', 'files', 'UCI', 'Europe/London')`)
  const box = new SecretBox(randomBytes(32))
  const deps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['files', files]]), now: () => new Date() }
  let peak = 0
  return {
    import: async (path) => {
      const receivedAt = new Date().toISOString()
      const file = await openImport(pathSource(path), context)
      let rowsToldOf = 0
      const report = await importFile({
        read: file.read,
        append: async (records) => {
          const incoming = records.map((record) => ({ record, source: 'file' as const, receivedAt, readStartedAt: receivedAt, authoritative: true }))
          const result = await ingest(deps, context, incoming)
          peak = Math.max(peak, process.memoryUsage().heapUsed)
          return { appended: result.seen - result.unchanged, unchanged: result.unchanged }
        },
        onRow: () => rowsToldOf++,
      })
      return { ...report, rowsToldOf }
    },
    one: async (sql) => {
      const { rows } = await pool.query<Record<string, unknown>>(sql)
      return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, String(value)]))
    },
    peakBytes: () => peak,
    close: async () => {
      await pool.end()
      await database.drop()
    },
  }
}
