import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import type { HubControl } from '../../src/http/control.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { INSIDES } from '../bad-input/problem.ts'
import { type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { incoming } from '../support/builders.ts'

/** Stands in every message, detail and stack below, and may come out nowhere. */
const CANARY = 'CANARY-7731'
const WORDS = `${CANARY} syntax error at or near "select" in /srv/hub/src/store/read/orders.ts:12:3, password "hunter2"`

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await ingest(app.hub, app.hub.context, [incoming({ no: 'A-1', at: '2026-11-01T01:00:00Z' })])
})
afterAll(() => app.close())

/** What each thing that can break throws. */
const FAILURES: Readonly<Record<string, () => unknown>> = {
  'a database error': () =>
    Object.assign(new pg.DatabaseError(WORDS, 1, 'error'), { code: '42601', detail: WORDS, hint: WORDS, where: WORDS, query: WORDS }),
  'a value no column takes': () => Object.assign(new pg.DatabaseError(WORDS, 1, 'error'), { code: '22P02', detail: WORDS }),
  'a broken rule': () => Object.assign(new pg.DatabaseError(WORDS, 1, 'error'), { code: '23505', detail: WORDS, constraint: CANARY }),
  'a lost connection': () => Object.assign(new Error(WORDS), { code: 'ECONNREFUSED', syscall: 'connect', address: CANARY }),
  'a slip of ours': () => new TypeError(WORDS),
}

/** Who may come in is still known; everything after that fails. */
function brokenPool(pool: pg.Pool, failure: () => unknown): pg.Pool {
  const query = (text: unknown, ...rest: readonly unknown[]): unknown =>
    typeof text === 'string' && text.includes('api_keys') ? Reflect.apply(pool.query, pool, [text, ...rest]) : Promise.reject(failure())
  const broken: Readonly<Record<PropertyKey, unknown>> = { query, connect: () => Promise.reject(failure()) }
  return new Proxy(pool, { get: (target, name) => broken[name] ?? Reflect.get(target, name) })
}
const brokenControl = (failure: () => unknown): HubControl => new Proxy(app.deps.control, { get: () => () => Promise.reject(failure()) })

const BODIES: readonly (readonly [RegExp, unknown])[] = [
  [/\/hold$|\/release$|\/pause$|(retry|cancel)$|outbound/, { reason: 'because' }],
  [/\/v1\/stock$/, { items: [{ sku: 'A', on_hand: '1' }] }],
  [/\/v1\/skus$/, { items: [{ sku: 'A' }] }],
  [/\/recipient$/, { purpose: 'support' }],
  [/\/v1\/orders\/find$/, { ids: ['1'] }],
  [/\/v1\/find\/ask$/, { q: '1' }],
  [/\/v1\/replays$/, { filter: { connection: 'c_plain' }, dry_run: true }],
  [/\/v1\/keys$/, { name: 'x', scopes: ['orders:read'] }],
]

describe('S22 what went wrong inside stays inside', () => {
  it.each(Object.entries(FAILURES))('whatever route meets %s', async (_name, failure) => {
    const logged: unknown[] = []
    const log = { info: () => undefined, warn: (facts: unknown) => void logged.push(facts), error: (facts: unknown) => void logged.push(facts) }
    const told: unknown[] = []
    const failing = [
      createApp({ ...app.deps, log, pool: brokenPool(app.hub.pool, failure) }),
      createApp({
        ...app.deps,
        log,
        control: brokenControl(failure),
        hooks: { accept: () => Promise.reject(failure()), acceptForApp: () => Promise.reject(failure()) },
      }),
    ]
    for (const served of failing) {
      for (const route of [
        ...allRoutes,
        { method: 'post', path: '/hooks/{id}' },
        { method: 'get', path: '/readyz' },
        { method: 'get', path: '/metrics' },
      ]) {
        const body = BODIES.find(([form]) => form.test(route.path))?.[1] ?? {}
        const unsafe = route.method !== 'get' && route.method !== 'delete'
        const path = route.path
          .replace('/hooks/{id}', `/hooks/${'a'.repeat(20)}`)
          .replace('{sku}', 'A')
          .replace('{name}', 'erp')
          .replaceAll(/\{\w+\}/g, '1')
        const answer = await served.request(`${ORIGIN}${path}`, {
          method: route.method.toUpperCase(),
          headers: { authorization: `Bearer ${key}`, ...(unsafe && { 'content-type': 'application/json' }) },
          ...(unsafe && { body: JSON.stringify(body) }),
          // A stream goes on until the client leaves.
          ...(path.endsWith('/events') && { signal: AbortSignal.timeout(200) }),
        })
        const text = await answer.text()
        const isProblem = answer.headers.get('content-type') === 'application/problem+json'
        if (text.includes(CANARY) || (isProblem && INSIDES.test(text)) || (answer.status >= 400 && !isProblem))
          told.push([route.method, path, answer.status, text.slice(0, 200)])
      }
    }
    expect(told).toEqual([])
    // The log says where and of what kind, in our own frames; a message of somebody else may quote anything.
    expect(logged.length).toBeGreaterThan(0)
    expect(JSON.stringify(logged)).not.toContain(CANARY)
  })
})
