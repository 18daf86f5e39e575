import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { prepareBatch, writeBatch } from '../../src/normalize/ingest.ts'
import { rawAad } from '../../src/store/envelope.ts'
import { Room } from '../../src/store/room.ts'
import { incoming, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub
beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
})
beforeEach(() => hub.pool.query('truncate orders, raw_events, raw_heads cascade'))
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const ORDERS = 120
const prepared = (prefix: string) =>
  prepareBatch(
    hub,
    hub.context,
    Array.from({ length: ORDERS }, (_, i) =>
      incoming({ no: `${prefix}-${i}`, at: '2026-11-01T01:00:00Z', qty: 1, sku: 'TEA', note: `${prefix}-${i} `.repeat(40) }),
    ),
  )

/** Numbers of the orders whose two texts (the document as received, and the order) both speak of that order. */
async function sound(): Promise<readonly string[]> {
  const { rows } = await hub.pool.query<{
    no: string
    doc: { channel_order_no: string }
    key_id: number
    row_key: Buffer
    body: Buffer
    kind: string
  }>(`select o.channel_order_no as no, o.doc, e.key_id, e.row_key, e.body, e.kind from orders o join raw_events e on e.id = o.raw_id order by o.id`)
  const found: string[] = []
  for (const { no, doc, kind, ...sealed } of rows) {
    const raw = JSON.parse(
      await hub.keys.open({ keyId: sealed.key_id, rowKey: sealed.row_key, body: sealed.body }, rawAad(hub.context.connectionId, kind, no)),
    ) as { no: string }
    if (raw.no === no && doc.channel_order_no === no) found.push(no)
  }
  return found
}
const numbers = (...prefixes: string[]) => prefixes.flatMap((prefix) => Array.from({ length: ORDERS }, (_, i) => `${prefix}-${i}`)).toSorted()

describe('the room of a batch', () => {
  it('is written on again by the batches after it, and never before it is committed', async () => {
    const [a, b] = [await prepared('A'), await prepared('B')]
    await writeBatch(hub, hub.context, a)
    const [c] = await Promise.all([prepared('C'), writeBatch(hub, hub.context, b)])
    const d = await prepared('D')
    await Promise.all([writeBatch(hub, hub.context, c), writeBatch(hub, hub.context, d)])
    expect([...(await sound())].toSorted()).toEqual(numbers('A', 'B', 'C', 'D'))
  })

  it('is kept for another attempt when writing failed', async () => {
    const batch = await prepared('E')
    const failed = writeBatch(hub, hub.context, batch, { alongside: () => Promise.reject(new Error('The cursor could not be written.')) })
    await expect(failed).rejects.toThrow('The cursor could not be written.')
    await writeBatch(hub, hub.context, await prepared('F'))
    await writeBatch(hub, hub.context, batch)
    expect([...(await sound())].toSorted()).toEqual(numbers('E', 'F'))
  })

  it('is the same room for the next one, once given back', () => {
    const room = new Room()
    const first = room.take(100)
    room.giveBack()
    expect([room.take(100).buffer === first.buffer, room.take(1_000_000).buffer === first.buffer]).toEqual([true, false])
  })

  it('gives parts that do not overlap, whatever their sizes', () => {
    const room = new Room()
    const parts = Array.from({ length: 500 }, (_, i) => room.take((i * 37) % 9000).fill(i % 251))
    expect(parts.every((part, i) => part.length === (i * 37) % 9000 && part.every((byte) => byte === i % 251))).toBe(true)
  })
})
