import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
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

/** A file on this machine; `.gz` is unpacked on the way. The caller has checked that the path may be read. */
export const pathSource = (path: string): FileSource => ({
  name: basename(path),
  open: () => capped(path.endsWith('.gz') ? gunzip(createReadStream(path)) : createReadStream(path)),
})

/** Bytes held in memory (an upload); `.gz` is unpacked on the way. */
export const bytesSource = (name: string, bytes: Uint8Array): FileSource => ({
  name: basename(name.replaceAll('\\', '/')),
  open: () => capped(name.endsWith('.gz') ? gunzip(chunked(bytes)) : chunked(bytes)),
})

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpack = createGunzip()
  const feed = (async () => {
    for await (const chunk of packed) if (!unpack.write(chunk)) await new Promise((resolve) => unpack.once('drain', resolve))
    unpack.end()
  })()
  feed.catch((error: unknown) => unpack.destroy(error instanceof Error ? error : new Error('unreadable')))
  try {
    for await (const chunk of unpack) yield chunk
  } catch (error) {
    throw new DomainError('file-unreadable', 'The file is not a complete gzip file.', {}, { cause: error })
  } finally {
    unpack.destroy()
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
