import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { InboxDrain } from '../../src/activities/receive.ts'
import { prepareBatch, writeBatch } from '../../src/normalize/ingest.ts'
import { createPool } from '../../src/store/db.ts'
import { incoming } from '../support/builders.ts'
import { openHub, type PromiseHub } from '../promises/open-hub.ts'

let hub: PromiseHub
beforeAll(async () => {
  hub = await openHub()
})
afterAll(() => hub.close())

const deliver = (no: number) => {
  const body = JSON.stringify({ no: `tidy-${no}`, at: '2026-11-01T01:00:00Z', qty: 1 })
  const deliveryId = createHash('sha256').update(body).digest('hex')
  return hub.sink.accept({ connectionId: 'c_plain', deliveryId, meta: {}, body: Buffer.from(body), receivedAt: '2026-11-01T01:00:00Z' })
}
/** Bytes of what is staged of each document. */
const room = () => hub.value<number>(`select sum(pg_relation_size(oid))::int from pg_class where relpersistence = 't' and relname = 's_raw'`)

it('gives back the room of the staging tables once five hundred deliveries went through a session, after the answer and not with the next delivery', async () => {
  const session = createPool(hub.databaseUrl, { max: 1 })
  const drain = new InboxDrain({
    ...hub,
    pool: session,
    registry: new Map([['plain', hub.channel.open(hub.context).connector]]),
    log: { warn: () => undefined },
  })
  const rooms: number[] = []
  let settled = 0
  for (let round = 0; settled < 1200; round += 1) {
    await Promise.all(Array.from({ length: 40 }, (_, at) => deliver(round * 40 + at)))
    for (let done = await drain.pass(); done > 0; done = await drain.pass()) settled += done
    await session.query('select 1') // the only session is free again once everything is done
    rooms.push(await room())
  }
  await session.end()
  // Emptied by the next delivery, it would always hold what was staged last.
  expect([settled, rooms.filter((bytes) => bytes === 0).length]).toEqual([1200, 2])
})

it('gives it back before the batch that follows three thousand documents, and not before each large one', async () => {
  const session = createPool(hub.databaseUrl, { max: 1 })
  const deps = { ...hub, pool: session }
  const rooms: number[] = []
  for (let batch = 0; batch < 5; batch += 1) {
    const documents = Array.from({ length: 1000 }, (_, i) => incoming({ no: `large-${batch}-${i}`, at: '2026-11-01T01:00:00Z', qty: 1 }))
    await writeBatch(deps, hub.context, await prepareBatch(deps, hub.context, documents))
    rooms.push(await room())
  }
  await session.end()
  const [one = 0, two = 0, three = 0, four = 0, five = 0] = rooms
  expect([one < two, two < three, four === one, five === two]).toEqual([true, true, true, true])
})
