import { inflateRawSync } from 'node:zlib'
import { DomainError } from '../../core/fault.ts'

const MAX_ENTRIES = 2000
const MAX_UNPACKED = 150_000_000

/**
 * Looks through a ZIP archive (an .xlsx is one) before anything opens it: number of entries, real unpacked sizes (what
 * the directory declares may be a lie), nested archives, names that lead out of the folder, encryption.
 * Throws DomainError(`file-unsafe-archive`).
 */
export function assertHarmlessZip(bytes: Buffer): void {
  const directory = findDirectory(bytes)
  if (directory.entries > MAX_ENTRIES) throw unsafe(`The archive has ${directory.entries} entries; ${MAX_ENTRIES} are allowed.`)
  let unpacked = 0
  let at = directory.offset
  for (let i = 0; i < directory.entries; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw unsafe('The archive directory is damaged.')
    const nameLength = bytes.readUInt16LE(at + 28)
    assertName(bytes.subarray(at + 46, at + 46 + nameLength).toString('utf8'))
    if ((bytes.readUInt16LE(at + 8) & 1) === 1) throw unsafe('The file is protected by a password. Save it without one.')
    unpacked += unpackedSize(bytes, at, MAX_UNPACKED - unpacked)
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
}

/** The end record stands within the last 64 KB. ZIP64 is refused: no spreadsheet we take needs it. */
function findDirectory(bytes: Buffer): { readonly offset: number; readonly entries: number } {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 65_557); at--) {
    if (bytes.readUInt32LE(at) !== 0x06054b50) continue
    const entries = bytes.readUInt16LE(at + 10)
    const offset = bytes.readUInt32LE(at + 16)
    if (entries === 0xffff || offset === 0xffffffff) throw unsafe('The archive is too large.')
    return { offset, entries }
  }
  throw unsafe('The file is cut off: its archive directory is missing.')
}

function assertName(name: string): void {
  if (name.includes('\\') || name.startsWith('/') || /^[a-z]:/i.test(name) || name.split('/').includes('..'))
    throw unsafe('The archive holds a name that leads out of its folder.')
  if (/\.(zip|xlsx|xlsm|jar|7z|rar|gz)$/i.test(name)) throw unsafe('The archive holds another archive.')
}

function unpackedSize(bytes: Buffer, at: number, left: number): number {
  const method = bytes.readUInt16LE(at + 10)
  const packed = bytes.readUInt32LE(at + 20)
  const local = bytes.readUInt32LE(at + 42)
  if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== 0x04034b50) throw unsafe('The archive is damaged.')
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  if (method === 0) {
    if (packed > left) throw tooLarge()
    return packed
  }
  if (method !== 8) throw unsafe('The archive uses a compression that spreadsheets do not use.')
  try {
    return inflateRawSync(bytes.subarray(start, start + packed), { maxOutputLength: Math.max(1, left) }).length
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge()
    throw unsafe('The archive is damaged.')
  }
}

const unsafe = (message: string): DomainError => new DomainError('file-unsafe-archive', message)
const tooLarge = (): DomainError => unsafe(`The spreadsheet unpacks to more than ${MAX_UNPACKED / 1_000_000} MB. Save it as CSV.`)
