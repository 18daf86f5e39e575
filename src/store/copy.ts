import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

export type Cell = string | number | boolean | Buffer | null | undefined

/** Sends rows into a table by COPY text; an empty list sends nothing. Columns are fixed names of ours, never input. */
export async function copyRows(client: pg.PoolClient, table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
  if (rows.length === 0) return
  const stream = client.query(copyFrom(`copy ${table} (${columns.join(',')}) from stdin`))
  const done = once(stream, 'finish')
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(encode).join('\t')}\n`
    if (chunk.length > 256_000) {
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done])
      chunk = ''
    }
  }
  stream.end(chunk)
  await done
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
