import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type Cell = string | number | boolean | Buffer | null | undefined

/** Sends rows into a table by COPY text; an empty list sends nothing. Columns are fixed names of ours, never input. */
export async function copyRows(client: pg.PoolClient, table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
  if (rows.length === 0) return
  const sink = openCopy(client, `copy ${table} (${columns.join(',')}) from stdin`)
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(encode).join('\t')}\n`
    if (chunk.length > CHUNK) {
      await sink.write(chunk)
      chunk = ''
    }
  }
  await sink.end(chunk)
}

/** The same in binary, for what is large: bodies need neither hex nor escapes. The columns have to be int4, text and bytea, as their cells are. */
export async function copyBinary(
  client: pg.PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly BinaryCell[])[],
): Promise<void> {
  if (rows.length === 0) return
  const sink = openCopy(client, `copy ${table} (${columns.join(',')}) from stdin (format binary)`)
  let chunk = Buffer.allocUnsafe(CHUNK)
  let at = HEADER.copy(chunk)
  for (const row of rows) {
    const most = mostBytes(row) + TRAILER.length
    if (at + most > chunk.length) {
      await sink.write(chunk.subarray(0, at))
      chunk = Buffer.allocUnsafe(Math.max(CHUNK, most))
      at = 0
    }
    at = writeRow(chunk, at, row)
  }
  await sink.end(chunk.subarray(0, at + TRAILER.copy(chunk, at)))
}

const CHUNK = 256_000

function openCopy(client: pg.PoolClient, sql: string): { write(chunk: string | Buffer): Promise<void>; end(chunk: string | Buffer): Promise<void> } {
  const stream = client.query(copyFrom(sql))
  const done = once(stream, 'finish')
  return {
    write: async (chunk) => {
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done])
    },
    end: async (chunk) => {
      stream.end(chunk)
      await done
    },
  }
}

export type BinaryCell = number | string | Buffer | undefined

// The form is in PostgreSQL's manual under COPY: a signature, two empty words; each row a count of fields, each field its length (-1 = null) and bytes.
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TRAILER = Buffer.from([0xff, 0xff])
const INT4 = 4
const NULL = -1

/** A unit of text becomes three bytes at most. */
const mostBytes = (cells: readonly BinaryCell[]): number =>
  cells.reduce<number>(
    (sum, cell) => sum + 4 + (typeof cell === 'string' ? cell.length * 3 : typeof cell === 'number' ? INT4 : (cell?.length ?? 0)),
    2,
  )

/** Writes one row at a position with room enough for it; answers the position behind it. */
function writeRow(out: Buffer, from: number, cells: readonly BinaryCell[]): number {
  let at = out.writeInt16BE(cells.length, from)
  for (const cell of cells) {
    const start = at + 4
    if (cell === undefined) at = out.writeInt32BE(NULL, at)
    else {
      const size =
        typeof cell === 'number' ? out.writeInt32BE(cell, start) - start : typeof cell === 'string' ? out.write(cell, start) : cell.copy(out, start)
      at = out.writeInt32BE(size, at) + size
    }
  }
  return at
}

const SPECIAL = /[\\\t\n\r\0]/
const ESCAPED = /[\\\t\n\r]/g
const CODES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function encode(cell: Cell): string {
  if (cell === null || cell === undefined) return '\\N'
  if (typeof cell === 'string') return SPECIAL.test(cell) ? cell.replaceAll('\0', '').replace(ESCAPED, (c) => CODES[c] ?? c) : cell
  if (Buffer.isBuffer(cell)) return `\\\\x${cell.toString('hex')}`
  return String(cell)
}
