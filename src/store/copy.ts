import pg from 'pg'
import { writeInt4, writeInt8, writeNumeric, writeText, writeTime, numericRoom } from './binary-values.ts'

/** `raw` is what is sent as its own bytes: text, bytea, json. */
type ColumnType = 'int4' | 'int8' | 'bool' | 'raw' | 'time' | 'numeric'
/** Columns of a table in the order in which rows name them. Names are fixed ones of ours, never input. */
export type Columns = Readonly<Record<string, ColumnType>>
/** Stands for a time that is known only when everything else is encoded: {@link CopyRows.fill} writes it. */
export const LATER = Symbol('later')
export type Cell = string | number | boolean | Buffer | typeof LATER | null | undefined

// The form is in PostgreSQL's manual under COPY: a signature, two empty words; each row a count of fields, each field its length (-1 = null) and bytes.
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TRAILER = 2
const NULL = -1
const TIME_BYTES = 8
const CHUNK = 262_144
/** Before the rows of a chunk stands what makes it a message: the letter d and its length (the manual's chapter on the protocol, CopyData). */
const FRAME = 5
const LETTER = 0x64
const DONE = Buffer.from([0x63, 0, 0, 0, 4])

/** Rows of one table in binary form, as the messages that bring them. Encoding is refused with an error {@link isDataError} knows. */
export class CopyRows {
  readonly sql: string
  readonly #types: readonly ColumnType[]
  readonly #chunks: Buffer[] = []
  readonly #later: { readonly chunk: Buffer; readonly at: number }[] = []
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0
  #rows = 0

  constructor(table: string, columns: Columns) {
    this.sql = `copy ${table} (${Object.keys(columns).join(',')}) from stdin (format binary);`
    this.#types = Object.values(columns)
  }

  get isEmpty(): boolean {
    return this.#rows === 0
  }

  push(cells: readonly Cell[]): void {
    const most = this.#mostBytes(cells)
    if (this.#at + most + TRAILER > this.#chunk.length) this.#begin(most)
    this.#at = this.#write(cells)
    this.#rows++
  }

  /** Writes this time wherever a row left it for later. */
  fill(time: string): void {
    for (const { chunk, at } of this.#later) writeTime(chunk, at, time)
  }

  /** The messages, once all rows are in. */
  end(): readonly Buffer[] {
    if (this.#chunk.length === 0) this.#begin(0)
    this.#at = this.#chunk.writeInt16BE(-1, this.#at)
    this.#close()
    return [...this.#chunks, DONE]
  }

  #begin(most: number): void {
    const isFirst = this.#chunk.length === 0
    if (!isFirst) this.#close()
    this.#chunk = chunkOf(Math.max(isFirst ? CHUNK / 8 : CHUNK, most + FRAME + HEADER.length + TRAILER))
    this.#at = FRAME
    if (isFirst) this.#at += HEADER.copy(this.#chunk, FRAME)
  }

  #close(): void {
    this.#chunk[0] = LETTER
    this.#chunk.writeInt32BE(this.#at - 1, 1)
    this.#chunks.push(this.#chunk.subarray(0, this.#at))
  }

  /** A unit of text becomes three bytes at most. */
  #mostBytes(cells: readonly Cell[]): number {
    let most = 2
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]
      most += 12
      if (typeof cell === 'string') most += this.#types[i] === 'numeric' ? numericRoom(cell) : cell.length * 3
      else if (typeof cell === 'object' && cell !== null) most += cell.length
    }
    return most
  }

  #write(cells: readonly Cell[]): number {
    const out = this.#chunk
    let at = out.writeInt16BE(cells.length, this.#at)
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]
      if (cell === undefined || cell === null) at = out.writeInt32BE(NULL, at)
      else if (cell === LATER) {
        at = out.writeInt32BE(TIME_BYTES, at) + TIME_BYTES
        this.#later.push({ chunk: out, at: at - TIME_BYTES })
      } else {
        const start = at + 4
        const end = writeCell(out, start, cell, this.#types[i])
        out.writeInt32BE(end - start, at)
        at = end
      }
    }
    return at
  }
}

/**
 * Chunks that were sent, to be written on again: they live long enough to outlive the young generation, and then lie about until the old one is collected,
 * which at thousands of orders a second was the largest part of what the hub's memory held besides its heap.
 */
const spare: Buffer[] = []
/** Those of two batches of a thousand orders: one is sent while the next is encoded. */
const SPARE = 64

function chunkOf(size: number): Buffer {
  return (size === CHUNK ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size)
}

/** The message was handed to the system: nobody reads its bytes any more. */
function sent(message: Buffer): void {
  if (message.buffer.byteLength === CHUNK && spare.length < SPARE) spare.push(Buffer.from(message.buffer))
}

/** Writes one value and answers the position behind it. */
function writeCell(out: Buffer, at: number, cell: string | number | boolean | Buffer, type: ColumnType | undefined): number {
  if (typeof cell === 'string')
    return type === 'time' ? writeTime(out, at, cell) : type === 'numeric' ? writeNumeric(out, at, cell) : writeText(out, at, cell)
  if (typeof cell === 'number') return type === 'int8' ? writeInt8(out, at, cell) : writeInt4(out, at, cell)
  if (typeof cell === 'boolean') {
    out[at] = cell ? 1 : 0
    return at + 1
  }
  out.set(cell, at)
  return at + cell.length
}

/**
 * Sends tables of rows and statements as one message: `first`, a COPY for each table that has rows, then `last`. Nobody waits for
 * an answer between them. Answers the result of each statement; after an error nothing that follows it is done.
 */
export function copyAll(client: pg.PoolClient, tables: readonly CopyRows[], { first = '', last = '' } = {}): Promise<readonly pg.QueryResult[]> {
  const filled = tables.filter((table) => !table.isEmpty)
  const text = `${first} ${filled.map(({ sql }) => sql).join(' ')} ${last}`
  if (text.trim() === '') return Promise.resolve([])
  return new Promise((resolve, reject) => {
    client.query(
      new CopyQuery(
        text,
        filled.flatMap((table) => table.end()),
        (error, results) => (error ? reject(error) : resolve(Array.isArray(results) ? results : [results])),
      ),
    )
  })
}

type Callback = (error: Error | null | undefined, results: unknown) => void

/** A query of several statements whose rows follow it at once: the server reads them as it comes to each COPY, and throws them away after an error. */
class CopyQuery extends pg.Query {
  constructor(text: string, messages: readonly Buffer[], done: Callback) {
    super(text, done)
    this.submit = (connection) => {
      connection.query(text)
      connection.stream.cork()
      for (const message of messages) connection.stream.write(message, (error) => error ?? sent(message))
      connection.stream.uncork()
    }
  }

  /** The driver's own answer would be that there is nothing to copy. */
  handleCopyInResponse(): void {}
}
