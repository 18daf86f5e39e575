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
  await sink.write(HEADER)
  let parts: BinaryRow[] = []
  let size = 0
  for (const row of rows) {
    const measured = measure(row)
    parts.push(measured)
    size += measured.size
    if (size > CHUNK) {
      await sink.write(joined(parts, size))
      parts = []
      size = 0
    }
  }
  await sink.end(Buffer.concat([joined(parts, size), TRAILER]))
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

interface BinaryRow {
  readonly cells: readonly BinaryCell[]
  readonly sizes: readonly number[]
  readonly size: number
}

// The form is in PostgreSQL's manual under COPY: a signature, two empty words; each row a count of fields, each field its length (-1 = null) and bytes.
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TRAILER = Buffer.from([0xff, 0xff])
const INT4 = 4
const NULL = -1

function measure(cells: readonly BinaryCell[]): BinaryRow {
  let size = 2
  const sizes = cells.map((cell) => {
    const length = cell === undefined ? NULL : typeof cell === 'number' ? INT4 : Buffer.byteLength(cell)
    size += 4 + Math.max(0, length)
    return length
  })
  return { cells, sizes, size }
}

function joined(rows: readonly BinaryRow[], size: number): Buffer {
  const out = Buffer.allocUnsafe(size)
  let at = 0
  for (const { cells, sizes } of rows) {
    at = out.writeInt16BE(cells.length, at)
    for (const [i, cell] of cells.entries()) {
      const length = sizes[i] ?? NULL
      at = out.writeInt32BE(length, at)
      if (typeof cell === 'number') out.writeInt32BE(cell, at)
      else if (typeof cell === 'string') out.write(cell, at, length)
      else cell?.copy(out, at)
      at += Math.max(0, length)
    }
  }
  return out
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
