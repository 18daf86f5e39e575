import { createHmac, hash } from 'node:crypto'

const BLOCK = 64
const SIZE = 32
/** Longer messages go the usual way. */
const ROOM = 512

/**
 * HMAC-SHA-256 under one key (RFC 2104), for many short messages: the key is padded once, and each message is two plain hashes. An
 * object of node:crypto for each message costs two to three times as much, a good part of it in the garbage collector.
 */
export class KeyedHash {
  readonly #key: Buffer
  readonly #inner = Buffer.alloc(BLOCK + ROOM)
  readonly #outer = Buffer.alloc(BLOCK + SIZE)

  /** @param key at most 64 bytes; a longer one would have to be hashed first */
  constructor(key: Buffer) {
    if (key.length > BLOCK) throw new RangeError('The key is longer than a block of the hash.')
    this.#key = key
    for (let at = 0; at < BLOCK; at++) {
      this.#inner[at] = (key[at] ?? 0) ^ 0x36
      this.#outer[at] = (key[at] ?? 0) ^ 0x5c
    }
  }

  /** 32 bytes as text, a character for each (latin1): dearer than the hash would be a buffer made for it. Text is taken as UTF-8. */
  digest(message: string | Buffer): string {
    const length = Buffer.byteLength(message)
    if (length > ROOM) return createHmac('sha256', this.#key).update(message).digest('binary')
    if (typeof message === 'string') this.#inner.write(message, BLOCK)
    else this.#inner.set(message, BLOCK)
    this.#outer.write(hash('sha256', this.#inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1')
    return hash('sha256', this.#outer, 'binary')
  }
}
