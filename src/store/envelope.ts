import { createCipheriv, createDecipheriv, createHash, hash, hkdfSync, randomBytes } from 'node:crypto'
import { brotliCompressSync, brotliDecompressSync, constants, inflateRawSync } from 'node:zlib'
import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { KeyedHash } from './keyed-hash.ts'
import type { Room } from './room.ts'

/** Bytes of a blind index. */
const INDEX = 16
const PHONE_END = /^\d{4}$/
const IV = 12
const TAG = 16

/**
 * Everything secret goes through here: AES-256-GCM, the additional data binds a ciphertext to its row, so a value moved
 * to another row does not open. The master key (KEK) never touches the database.
 */
export class SecretBox {
  /** Keys this process knows, by id: one, or two while the master key is being replaced. */
  readonly #keys = new Map<string, Buffer>()
  readonly #index: KeyedHash
  /** There are ten thousand ends of a phone number, and each order has one. */
  readonly #ends = new Map<string, string>()
  #sealing: string

  /**
   * @param masterKey 32 random bytes
   * @param indexKey key of the blind indexes; kept apart, so that another master key still finds what was indexed
   * @param nextKey the master key that is about to replace the first: what it sealed opens too
   */
  constructor(masterKey: Buffer, indexKey?: Buffer, nextKey?: Buffer) {
    this.#sealing = this.#learn(masterKey)
    if (nextKey !== undefined) this.#learn(nextKey)
    this.#index = new KeyedHash(indexKey ?? Buffer.from(hkdfSync('sha256', masterKey, '', 'channel-hub/blind-index', 32)))
  }

  /** First 16 hex digits of the key's hash: says which master key seals, without revealing it. */
  get keyId(): string {
    return this.#sealing
  }

  #learn(masterKey: Buffer): string {
    if (masterKey.length !== 32) throw new DomainError('master-key-weak', 'The master key must be exactly 32 bytes (base64 of 32 random bytes).')
    if (new Set(masterKey).size < 8)
      throw new DomainError('master-key-weak', 'The master key is not random. Generate one with: openssl rand -base64 32')
    const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'channel-hub/kek', 32))
    const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
    this.#keys.set(id, key)
    return id
  }

  /** Seals under this key from now on; false when this process does not know it. */
  sealUnder(keyId: string): boolean {
    const known = this.#keys.has(keyId)
    if (known) this.#sealing = keyId
    return known
  }

  seal(plain: Buffer, aad: string): Buffer {
    return sealWith(this.#sealingKey(), plain, aad)
  }

  /** Throws `secret-unreadable` when the key or the row is not the one it was sealed for. */
  open(sealed: Buffer, aad: string): Buffer {
    for (const [id, key] of this.#keys) {
      if (id === this.#sealing) continue
      try {
        return openWith(key, sealed, aad)
      } catch {
        // Sealed under the key in force, or not ours: the last try says which.
      }
    }
    return openWith(this.#sealingKey(), sealed, aad)
  }

  #sealingKey(): Buffer {
    const key = this.#keys.get(this.#sealing)
    if (key === undefined) throw new DomainError('master-key-wrong', 'The master key in force is not known to this process.')
    return key
  }

  /** Keyed mark of a text of one row and of the indexes made of it: equal ones give equal bytes, in this row only, and nothing can be read back. */
  mark(text: Uint8Array, aad: string, indexes: readonly (Buffer | undefined)[]): Buffer {
    const parts = indexes.map((index) => index?.toString('latin1') ?? '').join('|')
    return Buffer.from(this.#index.digest(`mark|${hash('sha256', text, 'hex')}|${parts}|${aad}`).slice(0, INDEX), 'latin1')
  }

  /** Keyed blind index: equal values give equal bytes, and nothing can be read back. */
  index(kind: 'phone' | 'phone4' | 'email', value: string): Buffer {
    const known = kind === 'phone4' ? this.#ends.get(value) : undefined
    const digest = known ?? this.#index.digest(`${kind}|${value}`).slice(0, INDEX)
    if (kind === 'phone4' && known === undefined && PHONE_END.test(value)) this.#ends.set(value, digest)
    return Buffer.from(digest, 'latin1')
  }
}

const POOL = 8192
let pool = Buffer.alloc(0)

/** Random bytes from a pool: one call into the system for many small draws. Handed-out parts are never reused. */
function random(size: number): Buffer {
  if (pool.length < size) pool = randomBytes(POOL)
  const drawn = pool.subarray(0, size)
  pool = pool.subarray(size)
  return drawn
}

function sealWith(key: Buffer, plain: Buffer, aad: string, room?: Room): Buffer {
  const iv = random(IV)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(aad))
  const size = IV + plain.length + TAG
  const sealed = room?.take(size) ?? Buffer.allocUnsafeSlow(size)
  sealed.set(iv)
  sealed.set(cipher.update(plain), IV)
  cipher.final() // holds nothing back in this mode, but without it there is no tag
  sealed.set(cipher.getAuthTag(), IV + plain.length)
  return sealed
}

function openWith(key: Buffer, sealed: Buffer, aad: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV))
    decipher.setAAD(Buffer.from(aad))
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG))
    return Buffer.concat([decipher.update(sealed.subarray(IV, sealed.length - TAG)), decipher.final()])
  } catch (cause) {
    throw new DomainError(
      'secret-unreadable',
      'A sealed value could not be opened: wrong master key, or the value belongs to another row.',
      {},
      { cause },
    )
  }
}

/** A document sealed under a key of its own, so that one document can be erased for ever. */
export interface SealedDocument {
  readonly keyId: number
  readonly rowKey: Buffer
  readonly body: Buffer
}

/** As read back from the database. */
interface Sealed {
  readonly keyId: number | null
  readonly rowKey: Buffer | null
  readonly body: Buffer
}

interface DataKey {
  readonly id: number
  readonly key: Buffer
}

/** Keys per connection and month under the master key; documents are sealed under row keys wrapped by them. */
export class DataKeys {
  readonly #pool: pg.Pool
  readonly #box: SecretBox
  readonly #byMonth = new Map<string, Promise<DataKey>>()
  readonly #byId = new Map<number, Promise<Buffer>>()

  constructor(pool: pg.Pool, box: SecretBox) {
    this.#pool = pool
    this.#box = box
  }

  /** A sealer for one connection, now; call once per batch. What it seals lies in `room`, or each by itself where nobody gives one back. */
  async sealer(connectionId: string, now: Date, room?: Room): Promise<(document: string | Uint8Array, aad: string) => SealedDocument> {
    const { id, key } = await this.#current(connectionId, now)
    const derive = new KeyedHash(key)
    return (document, aad) => {
      const salt = random(SALT)
      return { keyId: id, rowKey: salt, body: sealWith(Buffer.from(derive.digest(salt), 'latin1'), pack(document), aad, room) }
    }
  }

  /** Opens one document as text (UTF-8). Throws `document-expired` when its key was erased. */
  async open(sealed: Sealed, aad: string): Promise<string> {
    return (await this.openBytes(sealed, aad)).toString('utf8')
  }

  /** Opens one document, byte for byte as it was received. */
  async openBytes(sealed: Sealed, aad: string): Promise<Buffer> {
    if (sealed.keyId === null || sealed.rowKey === null)
      throw new DomainError('document-expired', 'This document was erased; only its dates and ids remain.')
    const key = await this.#known(sealed.keyId)
    return unpack(openWith(rowKeyOf(key, sealed.rowKey), sealed.body, aad))
  }

  async #current(connectionId: string, now: Date): Promise<DataKey> {
    const month = `${now.toISOString().slice(0, 7)}-01`
    const cacheKey = `${connectionId} ${month}`
    const cached = this.#byMonth.get(cacheKey)
    if (cached) return cached
    const loading = this.#load(connectionId, month)
    this.#byMonth.set(cacheKey, loading)
    loading.catch(() => this.#byMonth.delete(cacheKey))
    return loading
  }

  async #load(connectionId: string, month: string): Promise<DataKey> {
    const fresh = this.#box.seal(randomBytes(32), dataKeyAad(connectionId, month))
    await this.#pool.query(
      `insert into data_keys (connection_id, month, kek_id, wrapped) values ($1, $2, $3, $4) on conflict (connection_id, month) do nothing`,
      [connectionId, month, this.#box.keyId, fresh],
    )
    const found = await this.#pool.query<{ id: number; wrapped: Buffer }>(
      'select id, wrapped from data_keys where connection_id = $1 and month = $2',
      [connectionId, month],
    )
    const row = found.rows[0]
    if (!row) throw new DomainError('data-key-missing', `No data key for connection ${connectionId} could be made.`)
    return { id: row.id, key: this.#box.open(row.wrapped, dataKeyAad(connectionId, month)) }
  }

  async #known(id: number): Promise<Buffer> {
    const cached = this.#byId.get(id)
    if (cached) return cached
    const loading = this.#pool
      .query<{ connection_id: string; month: string; wrapped: Buffer }>('select connection_id, month::text, wrapped from data_keys where id = $1', [
        id,
      ])
      .then(({ rows: [row] }) => {
        if (!row) throw new DomainError('document-expired', 'The key of this document was erased.')
        return this.#box.open(row.wrapped, dataKeyAad(row.connection_id, row.month))
      })
    this.#byId.set(id, loading)
    loading.catch(() => this.#byId.delete(id))
    return loading
  }
}

const SALT = 32

/**
 * The key of one row: derived from the key of its connection and month and 32 random bytes kept with the row. Without those
 * bytes nobody can make it again. Rows of older versions keep their key itself, wrapped.
 */
function rowKeyOf(key: Buffer, kept: Buffer): Buffer {
  return kept.length === SALT ? Buffer.from(new KeyedHash(key).digest(kept), 'latin1') : openWith(key, kept, 'row-key')
}

/** Below this many bytes compressing costs more than it saves. */
const SMALL = 1024
const PLAIN = 0
const DEFLATED = 1
const BROTLI = 2
/**
 * At its fastest Brotli takes half the time of deflate for texts of a few kilobytes, and packs them as well. Its output comes in
 * chunks of this size, which are made for each document: the usual 16 KB filled the memory with room that nobody used.
 */
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 0, [constants.BROTLI_PARAM_LGWIN]: 16 }, chunkSize: 2048 }

/** Most documents are put together here before they are sealed: nothing of them outlives the call. */
const bench = Buffer.allocUnsafeSlow(32_768)

/** Ciphertext does not compress, so a document is compressed before it is sealed; the first byte says how. What it answers is overwritten by the next call. */
function pack(document: string | Uint8Array): Buffer {
  const bytes = bytesOf(document)
  const packed = bytes.length < SMALL ? bytes : brotliCompressSync(bytes, FAST)
  const kind = bytes.length < SMALL ? PLAIN : BROTLI
  if (packed.length >= bench.length) return Buffer.concat([Buffer.of(kind), packed])
  bench.set(packed, 1) // also where they overlap
  bench[0] = kind
  return bench.subarray(0, packed.length + 1)
}

function bytesOf(document: string | Uint8Array): Buffer {
  if (typeof document !== 'string') return Buffer.from(document.buffer, document.byteOffset, document.byteLength)
  return document.length * 3 <= bench.length ? bench.subarray(0, bench.write(document)) : Buffer.from(document)
}

function unpack(packed: Buffer): Buffer {
  const bytes = packed.subarray(1)
  if (packed[0] === BROTLI) return brotliDecompressSync(bytes)
  return packed[0] === DEFLATED ? inflateRawSync(bytes) : bytes
}

/** What the key of a connection and month is bound to. */
export const dataKeyAad = (connectionId: string, month: string): string => `data-key|${connectionId}|${month}`
/** What a raw event's body is bound to. */
export const rawAad = (connectionId: string, kind: string, externalId: string): string => `raw|${connectionId}|${kind}|${externalId}`
/** What an order's personal data is bound to. */
export const partyAad = (connectionId: string, channelOrderNo: string): string => `party|${connectionId}|${channelOrderNo}`
