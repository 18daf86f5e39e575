import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyedHash } from '../../../src/store/keyed-hash.ts'

const expected = (key: Buffer, message: string | Buffer): string => createHmac('sha256', key).update(message).digest('hex')
const got = (hash: KeyedHash, message: string | Buffer): string => Buffer.from(hash.digest(message), 'latin1').toString('hex')

describe('a keyed hash', () => {
  it('is HMAC-SHA-256, whatever the length of key and message', () => {
    for (const key of [Buffer.alloc(0), randomBytes(31), randomBytes(32), randomBytes(64)]) {
      const hash = new KeyedHash(key)
      for (const length of [600, 513, 512, 511, 65, 64, 63, 32, 1, 0]) {
        const bytes = randomBytes(length)
        expect(got(hash, bytes)).toBe(expected(key, bytes))
      }
    }
  })

  it('takes text as UTF-8, and nothing of a longer message before it', () => {
    const key = randomBytes(32)
    const hash = new KeyedHash(key)
    for (const text of ['字'.repeat(170), '字'.repeat(171), 'phone|13800001111', '😀', '', 'half \ud800 pair'])
      expect(got(hash, text)).toBe(expected(key, text))
  })

  it('refuses a key that would have to be hashed first', () => {
    expect(() => new KeyedHash(randomBytes(65))).toThrow(RangeError)
  })
})
