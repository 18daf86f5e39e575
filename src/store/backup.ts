import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { DomainError } from '../core/fault.ts'
import { migrate, migrationNames } from './migrate.ts'

/**
 * A backup is one gzip file: a header line, then per table a line with its name and columns, its rows in COPY text form
 * and a line `\\.`; sequences last. It holds ciphertext as stored; the master key is not in it.
 */
const FORMAT = 'channel-hub-backup/1'
const END = '\\.'

interface Table {
  readonly table: string
  readonly columns: readonly string[]
}

export interface BackupReport {
  readonly file: string
  readonly tables: number
  readonly migrations: readonly string[]
}

/** Writes a consistent snapshot of the hub's database while it runs. */
export async function backup(databaseUrl: string, file: string, say: (line: string) => void): Promise<BackupReport> {
  const client = await connect(databaseUrl)
  try {
    await client.query('begin isolation level repeatable read read only')
    const tables = await tablesInOrder(client)
    const part = `${file}.part`
    await pipeline(Readable.from(dump(client, tables, say)), createGzip({ level: 4 }), createWriteStream(part, { mode: 0o600 }))
    await client.query('commit')
    await rename(part, file)
    return { file, tables: tables.length, migrations: migrationNames() }
  } finally {
    await client.end()
  }
}

async function* dump(client: pg.Client, tables: readonly Table[], say: (line: string) => void): AsyncGenerator<Buffer | string> {
  yield `${JSON.stringify({ format: FORMAT, migrations: migrationNames() })}\n`
  for (const { table, columns } of tables) {
    say(`backup: ${table}`)
    yield `${JSON.stringify({ table, columns })}\n`
    yield* client.query(copyTo(`copy (select ${columns.map(quoted).join(',')} from ${quoted(table)}) to stdout`)) as AsyncIterable<Buffer>
    yield `${END}\n`
  }
  const { rows } = await client.query<{ sequence: string; value: string }>(
    `select schemaname || '.' || quote_ident(sequencename) as sequence, coalesce(last_value, 0)::text as value from pg_sequences where schemaname = 'public' order by 1`,
  )
  yield `${JSON.stringify({ sequences: rows })}\n`
}

/** Fills an empty database from a backup. Refuses one that holds data, and a backup of other migrations. */
export async function restore(databaseUrl: string, file: string, say: (line: string) => void): Promise<{ readonly tables: number }> {
  await migrate(databaseUrl)
  const client = await connect(databaseUrl)
  try {
    const {
      rows: [row],
    } = await client.query<{ used: boolean }>('select exists (select 1 from connections) or exists (select 1 from orders) as used')
    if (row?.used) throw new DomainError('database-not-empty', 'The database already holds connections or orders. Restore into an empty one.')
    await client.query('begin')
    await emptied(client)
    const tables = await load(client, file, say)
    await distrust(client)
    await client.query('commit')
    return { tables }
  } finally {
    await client.end()
  }
}

/** What the migrations themselves put in comes with the backup. */
async function emptied(client: pg.Client): Promise<void> {
  for (const { table } of await tablesInOrder(client)) {
    const { rows } = await client.query(`select 1 from ${quoted(table)} limit 1`)
    // The audit log gives way to the one that is restored, which goes on as its own chain.
    const kept = table === 'audit_log'
    if (rows.length > 0 && kept) await client.query('alter table audit_log disable trigger audit_is_kept')
    if (rows.length > 0) await client.query(`truncate ${quoted(table)} cascade`)
    if (rows.length > 0 && kept) await client.query('alter table audit_log enable trigger audit_is_kept')
  }
}

/** More changes than a hub makes between a backup and the disaster. */
const POSITIONS_LEFT_OUT = 10_000_000

/**
 * The hub went on after the backup was made. Packages and decisions that waited then may have been sent since: they are in
 * doubt and read back before anything is sent (I6). Consumers may have read past its last position: those positions are not
 * given out again, or they would never see what comes now (I7).
 */
async function distrust(client: pg.Client): Promise<void> {
  await client.query(
    `update effects set state = 'unknown', fault_kind = 'in-doubt', code = 'restored', message = 'Restored from a backup: it may have been sent since.', sent_at = now(), not_before = now()
     where kind in ('shipment', 'cancel') and state in ('pending', 'sending')`,
  )
  await client.query(`select setval(feed, nextval(feed) + $1) from (select pg_get_serial_sequence('feed', 'seq')::regclass as feed) s`, [
    POSITIONS_LEFT_OUT,
  ])
}

async function load(client: pg.Client, file: string, say: (line: string) => void): Promise<number> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next()
    return done ? undefined : value
  }
  const head = parse(await next())
  if (head['format'] !== FORMAT) throw new DomainError('backup-unreadable', `${file} is not a backup of this hub.`)
  if (JSON.stringify(head['migrations']) !== JSON.stringify(migrationNames()))
    throw new DomainError('backup-version', 'The backup was made by another version. Restore it with that version, then upgrade.')
  const known = new Map((await tablesInOrder(client)).map((table) => [table.table, table.columns]))
  let tables = 0
  for (let line = await next(); line !== undefined; line = await next()) {
    const frame = parse(line)
    if (Array.isArray(frame['sequences'])) {
      await setSequences(client, frame['sequences'])
      return tables
    }
    const table = String(frame['table'])
    const columns = known.get(table)
    if (!columns) throw new DomainError('backup-unreadable', `The backup names an unknown table "${table.slice(0, 60)}".`)
    say(`restore: ${table}`)
    await pipeline(
      Readable.from(rowsUntilEnd(next)),
      new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) }),
      client.query(copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join(',')}) from stdin`)),
    )
    tables += 1
  }
  throw new DomainError('backup-truncated', `${file} ends in the middle. Nothing was restored.`)
}

async function* rowsUntilEnd(next: () => Promise<string | undefined>): AsyncGenerator<string> {
  let chunk = ''
  for (let line = await next(); line !== END; line = await next()) {
    if (line === undefined) throw new DomainError('backup-truncated', 'The backup ends in the middle. Nothing was restored.')
    chunk += `${line}\n`
    if (chunk.length > 64_000) {
      yield chunk
      chunk = ''
    }
  }
  if (chunk !== '') yield chunk
}

async function setSequences(client: pg.Client, sequences: readonly unknown[]): Promise<void> {
  for (const entry of sequences) {
    const { sequence, value } = entry as { readonly sequence: string; readonly value: string }
    if (Number(value) > 0) await client.query('select setval($1::regclass, $2)', [sequence, value])
  }
}

const parse = (line: string | undefined): Readonly<Record<string, unknown>> =>
  line === undefined ? {} : (JSON.parse(line) as Readonly<Record<string, unknown>>)
const quoted = (name: string): string => pg.escapeIdentifier(name)

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return client
}

/** Every table of ours with its writable columns, referenced tables before those that refer to them. */
async function tablesInOrder(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table & { needs: string[] | null }>(
    `select c.relname as table, array(select attname::text from pg_attribute a where a.attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
       (select array_agg(distinct f.confrelid::regclass::text) from pg_constraint f where f.contype = 'f' and f.conrelid = c.oid and f.confrelid <> c.oid) as needs
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and not c.relispartition and c.relpersistence = 'p' and c.relname not in ('migrations', 'migrations_lock') order by 1`,
  )
  const ordered: Table[] = []
  const rest = [...rows]
  while (rest.length > 0) {
    const index = rest.findIndex((row) => (row.needs ?? []).every((need) => ordered.some((done) => done.table === need)))
    const [row] = rest.splice(Math.max(index, 0), 1)
    if (row) ordered.push({ table: row.table, columns: row.columns })
  }
  return ordered
}
