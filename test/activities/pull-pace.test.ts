import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AnyConnector } from '../../src/core/connector.ts'
import { pullRound, type OpenedConnection } from '../../src/activities/pull.ts'
import { startStream } from '../../src/store/streams.ts'
import { openHub, type PromiseHub } from '../promises/open-hub.ts'

let hub: PromiseHub
beforeAll(async () => {
  hub = await openHub()
})
afterAll(() => hub.close())

const HOURS = 6

/** A channel that is asked once a minute, an hour of change time at a time. */
function hourly(): OpenedConnection {
  const opened = hub.channel.open(hub.context)
  const { manifest } = opened.connector
  const streams = [{ id: 'orders', mode: 'window', pageSize: 5, maxWindowHours: 1, everySeconds: 60 }] as const
  const connector: AnyConnector = {
    ...opened.connector,
    manifest: { ...manifest, capabilities: { ...manifest.capabilities, pullOrders: { streams } } },
  }
  return { ...opened, connector }
}

const round = () =>
  pullRound(
    { ...hub, open: () => Promise.resolve(hourly()) },
    'c_plain',
    { signal: new AbortController().signal, budgetMs: 0, heartbeat: () => undefined },
    false,
  )
const behindMs = async (): Promise<number> =>
  Date.now() - Date.parse(await hub.value<string>(`select watermark from streams where connection_id = 'c_plain'`))

it('goes on at once where a round ended between two windows, and rests when it has caught up', async () => {
  await startStream(hub.pool, 'c_plain', 'orders', new Date(Date.now() - HOURS * 3_600_000 - 60_000).toISOString())
  for (let n = 0; n <= HOURS; n += 1) await round()
  expect(await behindMs()).toBeLessThan(30_000)
  const pages = await hub.value<number>(`select count(*)::int from pull_pages`)
  expect(pages).toBe(HOURS + 1)
  expect(await round()).toMatchObject({ seen: 0, more: false })
  expect(await hub.value<number>(`select count(*)::int from pull_pages`)).toBe(pages)
})

it('reads no page that it would have to drop: the time is up before the next is asked for', async () => {
  const asked: number[] = []
  const paged = (): OpenedConnection => {
    const opened = hub.channel.open(hub.context)
    const pullOrders: NonNullable<AnyConnector['pullOrders']> = async function* (_call, { after }) {
      for (let page = Number(after?.['page'] ?? 0); page < 4; page += 1) {
        asked.push(page)
        yield { records: [], cursor: page === 3 ? null : { page: page + 1 } }
      }
    }
    return { ...opened, connector: { ...opened.connector, pullOrders } }
  }
  const deps = { ...hub, open: () => Promise.resolve(paged()) }
  for (let n = 0; n < 4; n += 1)
    await pullRound(deps, 'c_plain', { signal: new AbortController().signal, budgetMs: 0, heartbeat: () => undefined }, true)
  expect(asked).toEqual([0, 1, 2, 3])
})
