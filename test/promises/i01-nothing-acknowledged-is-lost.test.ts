import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pullRound, type PullDeps, type PullReport } from '../../src/activities/pull.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming } from '../support/builders.ts'
import { breakInserts, drainAll, openHub, until, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub
let deps: PullDeps

beforeAll(async () => {
  hub = await openHub()
  deps = { ...hub, open: () => Promise.resolve(hub.channel.open(hub.context)) }
})
afterAll(() => hub.close())

/** One page, then back: as if the process ended after every commit. */
const onePage = (): Promise<PullReport> =>
  pullRound(deps, 'c_plain', { signal: new AbortController().signal, budgetMs: 0, heartbeat: () => undefined }, true)
const stored = (no: string): Promise<number> => hub.value(`select count(*)::int from raw_events where external_id = $1`, [no])

describe('I1 a webhook', () => {
  it('is answered only after its bytes are committed', async () => {
    const blocker = await hub.pool.connect()
    await blocker.query('begin; lock table inbox in share mode')
    let answered = false
    const delivery = hub.deliver('{"no":"H1","at":"2026-11-01T01:00:00Z"}', 'd-1').then(() => (answered = true))
    await until(() => hub.value(`select exists (select 1 from pg_locks where not granted and relation = 'inbox'::regclass)`))
    expect(answered).toBe(false)
    await blocker.query('commit')
    blocker.release()
    await delivery
    expect(await stored('d-1')).toBe(1)
    expect(await hub.value(`select count(*)::int from inbox i join raw_events r on r.id = i.raw_id where r.external_id = 'd-1'`)).toBe(1)
  })

  it('is refused, not acknowledged, when it cannot be stored, and the next one is taken', async () => {
    const repair = await breakInserts(hub.pool, 'inbox')
    await expect(hub.deliver('{"no":"H2","at":"2026-11-01T01:00:00Z"}', 'd-2')).rejects.toThrow('the disk is full')
    await repair()
    expect(await stored('d-2')).toBe(0)
    await hub.deliver('{"no":"H2","at":"2026-11-01T01:00:00Z"}', 'd-3')
    await drainAll(hub)
    expect(await hub.value(`select count(*)::int from orders where channel_order_no in ('H1', 'H2')`)).toBe(2)
  })

  it('stays in the inbox when its document cannot be applied', async () => {
    const repair = await breakInserts(hub.pool, 'feed')
    await hub.deliver('{"no":"H4","at":"2026-11-01T01:00:00Z"}', 'd-4')
    await hub.drain.pass()
    expect(await hub.value('select count(*)::int from inbox')).toBe(1)
    await repair()
    await drainAll(hub)
    expect(await hub.value('select count(*)::int from inbox')).toBe(0)
    expect(await hub.value(`select count(*)::int from orders where channel_order_no = 'H4'`)).toBe(1)
  })

  it('is not taken from the inbox by the half of a batch that got the lock', async () => {
    const locks = [true, false, true]
    let taken = 0
    const bad = incoming({ no: 'H5-bad', at: '2026-11-01T01:00:00Z' })
    const batch = [
      incoming({ no: 'H5', at: '2026-11-01T01:00:00Z' }),
      { ...bad, record: { ...bad.record, payload: '{"no":"H5-bad","at":"2026-11-01T01:00:00Z","qty":"many"}' } },
    ]
    const result = await ingest(hub, hub.context, batch, {
      lock: () => Promise.resolve(locks.shift() ?? true),
      alongside: () => Promise.resolve(void (taken += 1)),
    })
    expect(await hub.value(`select count(*)::int from orders where channel_order_no = 'H5'`)).toBe(0)
    expect({ locked: result.locked, taken }).toEqual({ locked: false, taken: 0 })
  })
})

describe('I1 a poll cursor', () => {
  it('moves only with the page it stands for, and every order served ends in the archive', async () => {
    const at = new Date(Date.now() - 60_000).toISOString()
    hub.channel.put(...Array.from({ length: 43 }, (_, i) => ({ no: `P${i}`, at })))
    const position = () =>
      hub.value<string>(`select coalesce(cursor::text, '') || coalesce(window_to::text, '') from streams where connection_id = 'c_plain'`)
    await onePage()
    for (let page = 0; page < 3; page += 1) {
      const before = await position()
      const archived = await hub.value('select count(*)::int from raw_events')
      const repair = await breakInserts(hub.pool, page === 1 ? 'raw_events' : 'feed')
      await expect(onePage()).rejects.toThrow('the disk is full')
      await repair()
      expect([await position(), await hub.value('select count(*)::int from raw_events')]).toEqual([before, archived])
      await onePage()
    }
    while ((await onePage()).more);
    expect(hub.channel.served.size).toBe(43)
    expect(await hub.value(`select count(distinct external_id)::int from raw_events where external_id ~ '^P[0-9]+$'`)).toBe(43)
    expect(await hub.value(`select count(*)::int from orders where channel_order_no ~ '^P[0-9]+$'`)).toBe(43)
  })

  it('does not pass over a page the channel failed to serve', async () => {
    const at = new Date().toISOString() // after the window of the test before
    await sleep(5)
    hub.channel.put(...Array.from({ length: 23 }, (_, i) => ({ no: `Q${i}`, at })))
    let page = 0
    hub.channel.beforePage = () => {
      page += 1
      if (page % 3 === 0) throw new Error('socket hang up')
    }
    for (let round = 0; round < 40; round += 1) {
      const report = await onePage().catch(() => undefined)
      if (report && !report.more) break
    }
    hub.channel.beforePage = () => undefined
    expect(await hub.value(`select count(*)::int from orders where channel_order_no ~ '^Q[0-9]+$'`)).toBe(23)
  })
})
