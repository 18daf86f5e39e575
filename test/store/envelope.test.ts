import { createCipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPool } from '../../src/store/db.ts'
import { dataKeyAad, DataKeys, rawAad, SecretBox } from '../../src/store/envelope.ts'
import { migrate } from '../../src/store/migrate.ts'
import { freshDatabase } from '../support/db.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool
const box = new SecretBox(randomBytes(32))
const AAD = rawAad('c_1', 'order', '1')
const NOW = new Date('2026-11-22T00:00:00Z')

beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.url)
  pool = createPool(database.url, { max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

describe('a sealed document', () => {
  const long = JSON.stringify({ buyer: '王小明', note: 'x'.repeat(5000) })

  it.each([['short'], [long], [Buffer.from([0, 255, 10])], [randomBytes(3000)], ['']])('opens as it was', async (document) => {
    const keys = new DataKeys(pool, box)
    const sealed = (await keys.sealer('c_1', NOW))(document, AAD)
    expect((await keys.openBytes(sealed, AAD)).equals(Buffer.from(document))).toBe(true)
  })

  it('holds no more than the document where nobody gives room back, as of each delivery', async () => {
    const { body } = (await new DataKeys(pool, box).sealer('c_1', NOW))('a delivery', AAD)
    expect(body.buffer.byteLength).toBe(body.length)
  })

  it('is shorter than its text, and not the same twice', async () => {
    const seal = await new DataKeys(pool, box).sealer('c_1', NOW)
    const [a, b] = [seal(long, AAD), seal(long, AAD)]
    expect(a.body.length).toBeLessThan(long.length / 2)
    expect([a.rowKey.equals(b.rowKey), a.body.equals(b.body)]).toEqual([false, false])
  })

  it('does not open with the bytes kept for another document, as another row, or without them', async () => {
    const keys = new DataKeys(pool, box)
    const seal = await keys.sealer('c_1', NOW)
    const sealed = seal(long, AAD)
    await expect(keys.open({ ...sealed, rowKey: seal(long, AAD).rowKey }, AAD)).rejects.toThrow('could not be opened')
    await expect(keys.open(sealed, rawAad('c_1', 'order', '2'))).rejects.toThrow('could not be opened')
    await expect(keys.open({ ...sealed, rowKey: null }, AAD)).rejects.toThrow('was erased')
  })

  it('still opens when an older version wrapped its key and deflated it', async () => {
    const [monthKey, rowKey] = [randomBytes(32), randomBytes(32)]
    const wrapped = box.seal(monthKey, dataKeyAad('c_old', '2026-01-01'))
    const { rows } = await pool.query<{ id: number }>(
      `insert into data_keys (connection_id, month, kek_id, wrapped) values ('c_old', '2026-01-01', $1, $2) returning id`,
      [box.keyId, wrapped],
    )
    const old = (key: Buffer, plain: Buffer, aad: string): Buffer => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      cipher.setAAD(Buffer.from(aad))
      return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    }
    const body = old(rowKey, Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.from(long))]), AAD)
    const sealed = { keyId: rows[0]?.id ?? 0, rowKey: old(monthKey, rowKey, 'row-key'), body }
    expect(await new DataKeys(pool, box).open(sealed, AAD)).toBe(long)
  })
})
