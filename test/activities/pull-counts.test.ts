import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from '../../src/core/connector.ts'
import { readPages } from '../../src/activities/read-pages.ts'
import { startStream } from '../../src/store/streams.ts'
import { incoming } from '../support/builders.ts'
import { openHub, type PromiseHub } from '../promises/open-hub.ts'

let hub: PromiseHub
beforeAll(async () => {
  hub = await openHub()
})
afterAll(() => hub.close())

const PAGES = 16
const PAGE = 250

async function* pages(): AsyncGenerator<Page> {
  for (let page = 0; page < PAGES; page += 1) {
    const records = Array.from({ length: PAGE }, (_, i) => incoming({ no: String(page * PAGE + i), at: '2026-11-01T01:00:00Z' }).record)
    yield { records, cursor: page === PAGES - 1 ? null : { page } }
  }
}

it('counts what every batch brought, though two are written at once', async () => {
  const opened = hub.channel.open(hub.context)
  const connector = { ...opened.connector, pullOrders: () => pages() }
  const window = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }
  await startStream(hub.pool, 'c_plain', 'orders', window.from)
  const report = await readPages(
    { ...hub, open: () => Promise.resolve(opened) },
    { ...opened, connector },
    { request: { stream: 'orders', window }, source: 'poll', stateKey: 'orders' },
    { signal: new AbortController().signal, budgetMs: 600_000, deadline: Date.now() + 600_000, force: true, heartbeat: () => undefined },
  )
  const all = PAGES * PAGE
  expect(report).toMatchObject({ seen: all, created: all })
  expect(await hub.value<number>('select count(*)::int from orders')).toBe(all)
})
