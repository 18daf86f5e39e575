import { createHash } from 'node:crypto'
import { isAscii } from 'node:buffer'
import { DomainError } from '../../core/fault.ts'
import type { FileFormat } from '../../core/field-map.ts'
import type { FileSource } from './source.ts'

export type FileType = Exclude<FileFormat['type'], 'auto'>
export type Encoding = Exclude<FileFormat['encoding'], 'auto'>

/** What is known of a file before its first row is read. */
export interface FileScan {
  readonly name: string
  readonly sha256: string // of the unpacked bytes
  readonly bytes: number
  readonly type: FileType
  readonly encoding: Encoding
}

const HEAD = 65_536

/**
 * Reads the file once: fingerprint, size, what it is and how its text is encoded. Refuses what cannot be rows of data
 * (an HTML error page saved as CSV, an old .xls, a PDF, an empty file) with a code and the next step.
 */
export async function scanFile(source: FileSource, format: FileFormat): Promise<FileScan> {
  const hash = createHash('sha256')
  const text = new EncodingProbe()
  let head = Buffer.alloc(0)
  let bytes = 0
  for await (const chunk of source.open()) {
    hash.update(chunk)
    bytes += chunk.length
    if (head.length < HEAD) head = Buffer.concat([head, chunk.subarray(0, HEAD - head.length)])
    text.look(chunk)
  }
  if (bytes === 0) throw new DomainError('file-empty', `${source.name} is empty.`)
  const magic = typeByMagic(head, source.name)
  const encoding = format.encoding === 'auto' ? text.guess(head) : format.encoding
  const type = format.type !== 'auto' ? format.type : (magic ?? typeByText(head, encoding, source.name))
  if (type !== 'xlsx' && magic === 'xlsx')
    throw new DomainError('file-wrong-type', `${source.name} is a spreadsheet, but the field map expects ${type}.`)
  return { name: source.name, sha256: hash.digest('hex'), bytes, type, encoding }
}

function typeByMagic(head: Buffer, name: string): FileType | undefined {
  if (head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'))) return 'xlsx'
  if (head.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))) {
    throw new DomainError('file-wrong-type', `${name} is an old .xls (or protected) workbook. Save it as .xlsx or CSV.`)
  }
  if (head.subarray(0, 5).toString('latin1') === '%PDF-') throw new DomainError('file-wrong-type', `${name} is a PDF, not a table.`)
  return undefined
}

function typeByText(head: Buffer, encoding: Encoding, name: string): FileType {
  const start = decodeHead(head, encoding).trimStart().slice(0, 200).toLowerCase()
  if (start === '') throw new DomainError('file-empty', `${name} holds nothing but blanks.`)
  if (/^(<!doctype html|<html[\s>]|<head[\s>])/.test(start))
    throw new DomainError('file-is-html', `${name} is a web page (often an error or login page saved under a data name).`)
  if (start.startsWith('<')) return 'xml'
  if (start.startsWith('{') || start.startsWith('[')) return 'json'
  if (!encoding.startsWith('utf-16') && controls(head) > head.length / 100)
    throw new DomainError('file-wrong-type', `${name} holds binary data, not a table.`)
  return 'csv'
}

/** Bytes no text has; one or two in a large file are a broken row, not a binary file. */
const controls = (head: Buffer): number => head.reduce((count, byte) => count + (byte < 9 || (byte > 13 && byte < 32) ? 1 : 0), 0)

/** First part of a file as text; a character cut at the end is dropped. */
export function decodeHead(head: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(head, { stream: true })
}

/** Tells UTF-8, GB18030 and Windows-1252 apart over all bytes: the first accent may come after a million rows. */
class EncodingProbe {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true })
  #isUtf8 = true
  #pairs = 0 // two bytes as GB2312 has them
  #singles = 0 // a high byte beside plain text, as in Western code pages
  #lead = -1

  look(chunk: Uint8Array): void {
    if (isAscii(chunk) && this.#lead < 0) return
    if (this.#isUtf8) {
      try {
        this.#utf8.decode(chunk, { stream: true })
      } catch {
        this.#isUtf8 = false
      }
    }
    for (const byte of chunk) this.#count(byte)
  }

  #count(byte: number): void {
    if (this.#lead < 0) {
      if (byte >= 0x80) this.#lead = byte
      return
    }
    if (this.#lead >= 0xa1 && byte >= 0xa1) this.#pairs++
    else this.#singles++
    this.#lead = -1
  }

  guess(head: Buffer): Encoding {
    if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
    if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
    const zeros = (offset: number): number => head.subarray(0, 2000).filter((byte, i) => i % 2 === offset && byte === 0).length
    const half = Math.min(head.length, 2000) / 2
    if (half >= 4 && zeros(1) > half * 0.3 && zeros(0) === 0) return 'utf-16le'
    if (half >= 4 && zeros(0) > half * 0.3 && zeros(1) === 0) return 'utf-16be'
    if (this.#isUtf8) return 'utf-8'
    return this.#pairs >= this.#singles * 3 ? 'gb18030' : 'windows-1252'
  }
}
