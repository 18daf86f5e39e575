import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { InboxDrain } from '../../src/activities/receive.ts'
import { createHookSink, INBOX_CHANNEL, type Arrival, type HookSink } from '../../src/intake/receive-hook.ts'
import { listen } from '../../src/store/listen.ts'
import type { InboxRow } from '../../src/store/raw/inbox.ts'
import { breakInserts, drainAll, openHub, type PromiseHub } from '../promises/open-hub.ts'

let hub: PromiseHub
/** A door whose process drains the inbox as well. */
let door: HookSink
let drain: InboxDrain
let handed: Arrival[] = []

const another = (): InboxDrain =>
  new InboxDrain({ ...hub, registry: new Map([['plain', hub.channel.open(hub.context).connector]]), log: { warn: () => undefined } })

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['performance'] }) // how long ago the last look was is not for a slow machine to say
  hub = await openHub()
  door = createHookSink(hub)
  drain = another()
  door.onArrival((arrival) => {
    handed.push(arrival)
    drain.offer(arrival)
  })
  await drain.pass() // its first look into the inbox
})
afterAll(async () => {
  vi.useRealTimers()
  await hub.close()
})

const bodyOf = (no: string, qty = 1): string => JSON.stringify({ no, at: '2026-11-01T01:00:00Z', qty })
const delivery = (body: string) => ({
  connectionId: 'c_plain',
  deliveryId: createHash('sha256').update(body).digest('hex'),
  meta: { topic: 'orders/create' },
  body: Buffer.from(body),
  receivedAt: new Date().toISOString(),
})
const standing = (pattern: string) =>
  hub.rows<{ no: string; version: number; disposition: string; feed: number }>(
    `select o.channel_order_no as no, o.version, d.disposition, (select count(*)::int from feed f where f.order_id = o.id) as feed
       from orders o join raw_dispositions d on d.raw_id = o.raw_id where o.channel_order_no ~ $1 order by 1`,
    [pattern],
  )
const inboxReads = (calls: readonly (readonly unknown[])[]): number =>
  calls.filter(([query]) => typeof query === 'object' && query !== null && 'name' in query && query.name === 'read-inbox').length

it('settles what its own door committed without reading it back, as if it had', async () => {
  const query = vi.spyOn(hub.pool, 'query')
  await Promise.all([door.accept(delivery(bodyOf('own-1', 2))), door.accept(delivery(bodyOf('own-2', 3)))])
  expect(drain.more).toBe(true)
  expect(await drain.pass()).toBe(2)
  expect(inboxReads(query.mock.calls)).toBe(0)
  query.mockRestore()
  expect(await standing('^own-')).toEqual([
    { no: 'own-1', version: 1, disposition: 'applied', feed: 1 },
    { no: 'own-2', version: 1, disposition: 'applied', feed: 1 },
  ])
  expect(await hub.value('select count(*)::int from inbox')).toBe(0)
})

it('hands over exactly what reading the inbox would give', async () => {
  handed = []
  await Promise.all(['same-1', 'same-2', 'same-3'].map((no) => door.accept(delivery(bodyOf(no)))))
  const read = await hub.rows<InboxRow>(
    `select r.id as "rawId", i.shard, r.connection_id as "connectionId", r.kind, r.external_id as "externalId", r.source, r.received_at as "receivedAt", r.read_started_at as "readStartedAt",
       r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body from inbox i join raw_events r on r.id = i.raw_id order by r.id`,
  )
  expect(read).toHaveLength(3)
  for (const { rows, ids } of handed) {
    const numbers = await ids
    for (const [at, arriving] of rows.entries()) {
      const { text, ...row } = arriving
      const back = read.find(({ rawId }) => rawId === numbers[at])
      expect(back).toBeDefined()
      expect({ ...row, rawId: numbers[at] }).toMatchObject(back ?? {})
      expect(await hub.keys.open(arriving, `raw|c_plain|hook|${row.externalId}`)).toBe(text)
    }
  }
  await drainAll(hub)
})

it('leaves alone what another process settled first, whatever it was offered, and takes the rest from the inbox', async () => {
  drain = another()
  await drain.pass()
  await door.accept(delivery(bodyOf('raced-1')))
  await drainAll(hub)
  await door.accept(delivery(bodyOf('raced-2')))
  expect(await drain.pass()).toBe(0)
  expect(await standing('^raced-')).toEqual([{ no: 'raced-1', version: 1, disposition: 'applied', feed: 1 }])
  expect(drain.more).toBe(true)
  expect(await drain.pass()).toBe(1)
  expect(await standing('^raced-')).toEqual([
    { no: 'raced-1', version: 1, disposition: 'applied', feed: 1 },
    { no: 'raced-2', version: 1, disposition: 'applied', feed: 1 },
  ])
})

it('writes nothing of what could not be committed, and goes on', async () => {
  const repair = await breakInserts(hub.pool, 'inbox')
  await expect(door.accept(delivery(bodyOf('failed-1')))).rejects.toThrow('the disk is full')
  expect(await drain.pass()).toBe(0)
  await repair()
  await door.accept(delivery(bodyOf('failed-2')))
  let settled = 0
  while (drain.more) settled += await drain.pass()
  expect(settled).toBe(1)
  expect((await standing('^failed-')).map(({ no }) => no)).toEqual(['failed-2'])
})

it('holds what cannot be read under its own id, beside what can', async () => {
  const unreadable = delivery('no document')
  await Promise.all([door.accept(delivery(bodyOf('beside-1'))), door.accept(unreadable), door.accept(delivery(bodyOf('beside-2')))])
  expect(await drain.pass()).toBe(3)
  expect((await standing('^beside-')).map(({ feed }) => feed)).toEqual([1, 1])
  const held = await hub.rows(
    `select d.disposition, f.subject_id = r.id::text as named from raw_events r join raw_dispositions d on d.raw_id = r.id left join failures f on f.subject_kind = 'webhook' and f.subject_id = r.id::text
      where r.external_id = $1`,
    [unreadable.deliveryId],
  )
  expect(held).toEqual([{ disposition: 'held', named: true }])
})

it('finds what another door took in before, below what it settled without looking', async () => {
  const shard = (body: string): number => createHash('sha256').update(body).digest().readUInt16BE(0) % 16
  const bodies = Array.from({ length: 200 }, (_, i) => bodyOf(`below-${i}`)).filter((body) => shard(body) === 3)
  const [theirs = '', ours = '', later = ''] = bodies
  await hub.sink.accept(delivery(theirs))
  await door.accept(delivery(ours))
  expect(await drain.pass()).toBe(1)
  expect(await drain.pass()).toBe(1)
  await hub.sink.accept(delivery(later))
  expect(await drain.pass()).toBe(1)
  expect((await standing('^below-')).map(({ feed, version }) => [feed, version])).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ])
})

it('takes from the inbox what is too much to be handed over', async () => {
  await Promise.all(Array.from({ length: 450 }, (_, i) => door.accept(delivery(bodyOf(`many-${i}`)))))
  let settled = 0
  while (drain.more) settled += await drain.pass()
  expect(settled).toBe(450)
  expect(await standing('^many-')).toHaveLength(450)
})

it('is not woken by the word of its own door, but by that of others', async () => {
  const wake = listen(hub.databaseUrl, INBOX_CHANNEL, door.name)
  await wake.wait(10_000) // listens from now on
  let woken = false
  const waits = wake.wait(60_000).then(() => (woken = true))
  await door.accept(delivery(bodyOf('word-1')))
  await pause(100)
  expect(woken).toBe(false)
  await hub.sink.accept(delivery(bodyOf('word-2')))
  await waits
  await wake.close()
  while (drain.more) await drain.pass()
  await drainAll(hub)
  expect(await standing('^word-')).toHaveLength(2)
})
