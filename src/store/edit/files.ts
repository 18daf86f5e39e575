import type pg from 'pg'
import { newId } from '../people/new-id.ts'

export interface StoredFile {
  readonly id: string
  readonly connection_id: string
  readonly name: string
  readonly size: number
  readonly rows: number | null
  readonly report: unknown
  readonly received_at: string
  readonly sha256: string
}

const COLUMNS = `id, connection_id, name, size, rows, report, received_at, encode(sha256, 'hex') as sha256`

/** Notes a received file; the same content on the same connection again is the same file. */
export async function noteFile(
  db: Pick<pg.Pool, 'query'>,
  file: { readonly connectionId: string; readonly sha256: Buffer; readonly name: string; readonly size: number },
): Promise<{ readonly file: StoredFile; readonly repeated: boolean }> {
  const { rows } = await db.query<StoredFile>(
    `insert into files (id, connection_id, sha256, name, size) values ($1, $2, $3, $4, $5) on conflict (connection_id, sha256) do nothing returning ${COLUMNS}`,
    [newId('f'), file.connectionId, file.sha256, file.name, file.size],
  )
  if (rows[0]) return { file: rows[0], repeated: false }
  const {
    rows: [known],
  } = await db.query<StoredFile>(`select ${COLUMNS} from files where connection_id = $1 and sha256 = $2`, [file.connectionId, file.sha256])
  if (!known) throw new Error('the file vanished')
  return { file: known, repeated: true }
}

/** Newest first. */
export async function listFiles(
  db: Pick<pg.Pool, 'query'>,
  connectionId: string | undefined,
  visible: readonly string[] | null,
  limit: number,
): Promise<readonly StoredFile[]> {
  const { rows } = await db.query<StoredFile>(
    `select ${COLUMNS} from files where ($1::text is null or connection_id = $1) and ($2::text[] is null or connection_id = any($2)) order by received_at desc, id limit $3`,
    [connectionId ?? null, visible, limit],
  )
  return rows
}

/** What became of a file: its rows and the report of its import. */
export async function noteReport(
  db: Pick<pg.Pool, 'query'>,
  fileId: string,
  done: { readonly rows: number; readonly report: unknown },
): Promise<void> {
  await db.query('update files set rows = $2, report = $3 where id = $1', [fileId, done.rows, JSON.stringify(done.report)])
}
