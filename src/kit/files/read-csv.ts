import { Parser } from 'csv-parse'
import iconv from 'iconv-lite'
import { DomainError } from '../../core/fault.ts'
import type { FileFormat } from '../../core/field-map.ts'
import { decodeHead } from './scan-file.ts'
import type { Encoding, FileScan } from './scan-file.ts'
import type { FileSource } from './source.ts'
import { headerOf, rowOf } from './table.ts'
import type { FileRow, FileTable } from './table.ts'

const MAX_RECORD = 1_000_000 // characters one record may have, also the most an unclosed quote can swallow
const KEEP_BROKEN = 100_000 // characters of a broken rest that are kept verbatim
const DELIMITERS = [',', ';', '\t', '|'] as const

/** Opens a CSV file as a table, streaming: only the header is read here. */
export async function readCsv(source: FileSource, scan: FileScan, format: FileFormat): Promise<FileTable> {
  const delimiter = format.delimiter === 'auto' ? await sniffDelimiter(source, scan.encoding) : format.delimiter
  for await (const records of parseRecords(source, scan.encoding, delimiter)) {
    const header = records.find((record) => record.rowNo === format.headerRow)
    if (header === undefined) continue
    const columns = headerOf(header.cells, source.name)
    return { columns, rows: () => rowsBelow(source, scan.encoding, delimiter, format, columns.length) }
  }
  throw new DomainError('file-no-header', `${source.name} has no row ${format.headerRow} to take the column names from.`)
}

/** The separator that splits the first lines most evenly; text in quotes does not count. */
async function sniffDelimiter(source: FileSource, encoding: Encoding): Promise<string> {
  let head = Buffer.alloc(0)
  for await (const chunk of source.open()) {
    head = Buffer.concat([head, chunk])
    if (head.length >= 65_536) break
  }
  const lines = decodeHead(head, encoding)
    .replace(/"(?:[^"]|"")*"/g, 'x')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 20)
  const score = (delimiter: string): number => {
    const counts = lines.map((line) => line.split(delimiter).length - 1)
    const first = counts[0] ?? 0
    return first === 0 ? Math.max(...counts, 0) / 1000 : first * counts.filter((count) => count === first).length
  }
  return DELIMITERS.reduce((best, delimiter) => (score(delimiter) > score(best) ? delimiter : best))
}

async function* rowsBelow(
  source: FileSource,
  encoding: Encoding,
  delimiter: string,
  format: FileFormat,
  columns: number,
): AsyncGenerator<readonly FileRow[]> {
  for await (const records of parseRecords(source, encoding, delimiter)) {
    const rows: FileRow[] = []
    for (const record of records) {
      if (record.rowNo <= format.headerRow) continue
      const row = record.problem ? record : rowOf(record.cells, columns, record.rowNo, format.shortRows)
      if (row !== undefined) rows.push(row)
    }
    if (rows.length > 0) yield rows
  }
}

/**
 * Cuts the text into records. A quote that is never closed ends the table with one last row that carries the text it
 * swallowed, so that the rows before it are still used and nothing after it is misread.
 */
async function* parseRecords(source: FileSource, encoding: Encoding, delimiter: string): AsyncGenerator<readonly FileRow[]> {
  const parser = new RecordParser({
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: MAX_RECORD,
    record_delimiter: ['\r\n', '\n', '\r'],
  })
  let failure: Error | undefined
  parser.on('error', (error) => (failure = error))
  for await (const text of decoded(source, encoding)) {
    await parser.feed(text)
    if (parser.ready.length > 0) yield parser.collected()
    if (failure !== undefined) break
  }
  if (failure === undefined) await parser.finish()
  if (parser.ready.length > 0) yield parser.collected()
  if (failure !== undefined) yield [parser.unfinished(failure)]
}

/** Collects records as they are parsed (what was parsed before an error is not lost) and remembers the text behind the last one. */
class RecordParser extends Parser {
  ready: FileRow[] = []
  #rowNo = 0
  #texts: { readonly text: string; readonly end: number }[] = []
  #fed = 0
  #done = 0

  override push(record: unknown): boolean {
    if (record === null) return super.push(null)
    if (Array.isArray(record)) this.ready.push({ rowNo: ++this.#rowNo, cells: record })
    this.#done = this.info.bytes
    return true
  }

  collected(): readonly FileRow[] {
    const { ready } = this
    this.ready = []
    return ready
  }

  async feed(text: string): Promise<void> {
    this.#fed += Buffer.byteLength(text)
    this.#texts = this.#texts.filter((kept) => kept.end > this.#done)
    this.#texts.push({ text, end: this.#fed })
    await new Promise<void>((resolve) => this.write(text, () => resolve()))
  }

  finish(): Promise<void> {
    return new Promise((resolve) => this.once('close', resolve).resume().end())
  }

  unfinished(failure: Error): FileRow {
    const rowNo = this.#rowNo + 1
    const kept = Buffer.from(this.#texts.map(({ text }) => text).join(''))
    const rest = kept.subarray(Math.max(0, kept.length - (this.#fed - this.#done))).toString()
    const cells = [
      rest
        .replace(/^[\r\n]+/, '')
        .slice(0, KEEP_BROKEN)
        .replaceAll('\0', '\ufffd'),
    ]
    const problem = failure.message.startsWith('Max Record Size')
      ? {
          code: 'row-too-large',
          message: `Row ${rowNo} has more than ${MAX_RECORD} characters: a quote that is never closed, or not a table. Reading stopped there.`,
        }
      : { code: 'quote-not-closed', message: `Row ${rowNo} opens a quote that is never closed; the rest of the file could not be read.` }
    return { rowNo, cells, problem }
  }
}

async function* decoded(source: FileSource, encoding: Encoding): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: true })
  for await (const chunk of source.open()) {
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (text !== '') yield text
  }
  const rest = decoder.end()
  if (rest) yield rest
}
