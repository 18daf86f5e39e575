import { open, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'

const inflate = promisify(inflateRaw)
const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const STORED = 0
const DEFLATED = 8

/**
 * Writes one member of a ZIP archive to a file (APPNOTE 6.3.10, §4.3.12 and §4.3.16), so that no unpacking
 * program has to be on the machine.
 * @throws Error when no member matches or the archive is damaged.
 */
export async function unpackMember(archive: string, matches: (name: string) => boolean, target: string): Promise<void> {
  const file = await open(archive, 'r')
  try {
    const bytes = await file.readFile()
    const entry = findEntry(bytes, matches)
    if (entry === undefined) throw new Error(`${archive} does not hold the program that was looked for.`)
    // The local header repeats name and extra field with lengths of its own (offsets 26 and 28).
    const start = entry.offset + 30 + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28)
    const packed = bytes.subarray(start, start + entry.packedSize)
    const data = entry.method === STORED ? packed : await inflate(packed)
    if (data.length !== entry.size) throw new Error(`${archive} is damaged: ${data.length} bytes instead of ${entry.size}.`)
    await writeFile(target, data, { mode: 0o755 })
  } finally {
    await file.close()
  }
}

interface Entry {
  readonly method: number
  readonly packedSize: number
  readonly size: number
  readonly offset: number
}

function findEntry(bytes: Buffer, matches: (name: string) => boolean): Entry | undefined {
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1
  if (end < 0) throw new Error('This is no ZIP archive.')
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('The ZIP directory is damaged.')
    const nameLength = bytes.readUInt16LE(at + 28)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const method = bytes.readUInt16LE(at + 10)
    if (matches(name) && (method === STORED || method === DEFLATED)) {
      return { method, packedSize: bytes.readUInt32LE(at + 20), size: bytes.readUInt32LE(at + 24), offset: bytes.readUInt32LE(at + 42) }
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return undefined
}
