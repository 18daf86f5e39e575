import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DomainError } from '../../core/fault.ts'

/** A file that can be read more than once; reading it never changes it. */
export interface FileSource {
  /** Last path segment as shown to people; never used to open anything. */
  readonly name: string
  readonly open: () => AsyncIterable<Uint8Array>
}

/** Unpacked bytes one file may have in all. Rows are streamed, so this bounds time and disk, not memory. */
const MAX_FILE_BYTES = 2_000_000_000

/** A file on this machine; gzip is recognised by its first bytes and unpacked on the way. The caller has checked that the path may be read. */
export const pathSource = (path: string): FileSource => ({ name: basename(path), open: () => capped(unpacked(createReadStream(path))) })

/** Bytes held in memory (an upload); gzip is unpacked on the way. */
export const bytesSource = (name: string, bytes: Uint8Array): FileSource => ({
  name: basename(name.replaceAll('\\', '/')),
  open: () => capped(unpacked(chunked(bytes))),
})

async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  const all = (async function* () {
    try {
      yield first.value
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  })()
  yield* first.value[0] === 0x1f && first.value[1] === 0x8b ? gunzip(all) : all
}

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

/** Leaving early closes the whole chain: the file below is not held open. */
async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpack = createGunzip()
  // A fault of either side ends the other; it surfaces below, where the unpacked bytes are read.
  pipeline(Readable.from(packed), unpack, () => undefined)
  try {
    for await (const chunk of unpack) yield chunk
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new DomainError('file-unreadable', 'The file is not a complete gzip file.', {}, { cause: error })
    throw error
  }
}

async function* capped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MAX_FILE_BYTES) throw new DomainError('file-too-large', `The file unpacks to more than ${MAX_FILE_BYTES} bytes. Split it.`)
    yield chunk
  }
}

/** The whole file in memory, for formats that cannot be streamed. Throws DomainError(`file-too-large`) beyond `maxBytes`. */
export async function readWhole(source: FileSource, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source.open()) {
    size += chunk.length
    if (size > maxBytes) throw new DomainError('file-too-large', `Files of this format may have ${maxBytes} bytes at most. Split it or use CSV.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
