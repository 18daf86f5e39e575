import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES, type Scope, scopesGiving } from '../../src/http/scopes.ts'
import { createKey, revokeKey } from '../../src/store/people/keys.ts'
import { createUser } from '../../src/store/people/users.ts'
import { stateOf } from '../bad-input/state.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'

const PASSWORD = 'Correct horse 42 battery'

let app: HubApp
let dir: string
/** A clock that stands still: no bucket fills up while a slow machine works. */
const started = new Date()

beforeAll(async () => {
  app = await hubApp({ now: () => started })
  dir = await mkdtemp(join(tmpdir(), 'console-'))
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>hub</title>')
  for (const name of ['mei', 'lee'])
    await createUser(app.hub.pool, { name, password: PASSWORD, roles: ['admin'], connections: null, mustChange: false })
})
afterAll(async () => {
  await app.close()
  await rm(dir, { recursive: true, force: true })
})

const concrete = (path: string): string =>
  path
    .replace(/[:{]name\}?/, 'erp')
    .replace(/[:{]sku\}?/, 'TEA')
    .replaceAll(/:\w+|\{\w+\}/g, '1')
const signIn = (name: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  app.call('POST', '/v1/session', { body: { name, password: PASSWORD }, headers: { origin: ORIGIN, ...headers } })
const cookieOf = (answer: Answer): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

describe('S1 every route asks who is calling', () => {
  it('answers nobody without a credential but on the routes of the snapshot', async () => {
    // The table of the running app itself, with console and documentation: a route mounted anywhere is in it.
    const served = createApp({ ...app.deps, console: { dir } })
    const open = new Set<string>()
    for (const { method, path } of served.routes) {
      if (path === '/*' && method === 'ALL') continue
      for (const verb of method === 'ALL' ? ['GET', 'POST', 'PATCH', 'DELETE'] : [method]) {
        const answer = await served.request(`${ORIGIN}${concrete(path === '*' || path === '/*' ? '/any' : path)}`, { method: verb })
        await answer.body?.cancel()
        if (answer.status !== 401 && answer.status !== 405) open.add(`${verb} ${path}`)
      }
    }
    const listed: { readonly routes: readonly string[] } = JSON.parse(readFileSync(new URL('public-routes.json', import.meta.url), 'utf8'))
    expect([...open].toSorted()).toEqual(listed.routes)
  })

  it('refuses an expired, a revoked and a garbled key on every route', async () => {
    const late = await app.key(['admin'])
    await app.hub.pool.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [late.split('_')[1]])
    const gone = await app.key(['admin'])
    await revokeKey(app.hub.pool, gone.split('_')[1] ?? '')
    const wrong: unknown[] = []
    // Every fifty requests are for another hub: a hundred credentials that do not work slow an address down.
    const routes = allRoutes.filter((one) => one.scope !== 'public')
    for (const key of [late, gone, `${gone.slice(0, -1)}!`]) {
      let fresh = createApp(app.deps)
      for (const [at, route] of routes.entries()) {
        if (at % 50 === 49) fresh = createApp(app.deps)
        const answer = await fresh.request(`${ORIGIN}${concrete(route.path)}`, {
          method: route.method.toUpperCase(),
          headers: { authorization: `Bearer ${key}` },
        })
        if (answer.status !== 401) wrong.push([route.method, route.path, answer.status])
      }
    }
    expect(wrong).toEqual([])
  })

  it('refuses every scope but the one a route names', async () => {
    const wrong: unknown[] = []
    const keys = new Map<Scope, string>()
    for (const scope of SCOPES) keys.set(scope, await app.key(SCOPES.filter((other) => !scopesGiving(scope).includes(other))))
    const before = await stateOf(app.hub.pool)
    for (const route of allRoutes) {
      if (route.scope === 'public' || route.scope === 'signed-in') continue
      const { status, json } = await app.call(route.method.toUpperCase(), concrete(route.path), { key: keys.get(route.scope) ?? '' })
      if (status !== 403 || json.code !== 'scope-missing') wrong.push([route.method, route.path, status])
    }
    expect(wrong).toEqual([])
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })
})

describe('S3 API keys', () => {
  it('are 256 random bits with a prefix to find them and a checksum to recognise them', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => app.key(['orders:read'])))
    for (const key of keys) expect(key).toMatch(/^chub_[0-9a-z]{10}_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/)
    expect(new Set(keys.map((key) => key.slice(16, 59))).size).toBe(50)
    let asked = 0
    const counting = createApp({
      ...app.deps,
      pool: new Proxy(app.hub.pool, { get: (pool, name) => (name === 'query' && (asked += 1), Reflect.get(pool, name)) }),
    })
    const [key = ''] = keys
    const flip = `${key.slice(0, 20)}${key[20] === 'A' ? 'B' : 'A'}${key.slice(21)}`
    const said = (text: string): Promise<number> =>
      Promise.resolve(counting.request(`${ORIGIN}/v1/orders/counts`, { headers: { authorization: `Bearer ${text}` } })).then(
        (answer) => answer.status,
      )
    expect([await said(flip), asked]).toEqual([401, 0])
    expect(await said(key)).toBe(200)
    expect(asked).toBeGreaterThan(0)
    // Keys from before the checksum go on working.
    const { rows } = await app.hub.pool.query(`select prefix from api_keys where id = $1`, [key.split('_')[1]])
    expect(rows[0].prefix).toBe(key.slice(0, 15))
  })

  it('are kept as a hash only, shown once, and expire', async () => {
    const made = await createKey(app.hub.pool, {
      name: 'ERP',
      scopes: ['feed:read'],
      connections: null,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
      createdBy: 'test',
    })
    const { rows } = await app.hub.pool.query('select t::text as text, length(hash) as bytes from api_keys t where id = $1', [made.id])
    expect([rows[0].bytes, rows[0].text.includes(made.secret.slice(20, 40))]).toEqual([32, false])
    const admin = await app.key(['admin'])
    expect((await app.call('GET', '/v1/keys', { key: admin })).text).not.toContain(made.secret.slice(20, 40))
    expect((await app.call('GET', '/v1/changes', { key: made.secret })).status).toBe(200)
    await app.hub.pool.query(`update api_keys set expires_at = now() where id = $1`, [made.id])
    expect((await app.call('GET', '/v1/changes', { key: made.secret })).status).toBe(401)
    const past = await app.call('POST', '/v1/keys', { key: admin, body: { name: 'x', scopes: ['orders:read'], expires_at: '2020-01-01T00:00:00Z' } })
    expect([past.status, past.json.code]).toEqual([400, 'expiry-past'])
  })

  it('work side by side while one replaces the other; a revoked one is refused by the very next request', async () => {
    const admin = await app.key(['admin'])
    const [one, two] = [await app.key(['orders:read']), await app.key(['orders:read'])]
    const read = async (key: string): Promise<number> => (await app.call('GET', '/v1/orders', { key })).status
    expect([await read(one), await read(two)]).toEqual([200, 200])
    const { rows } = await app.hub.pool.query('select last_used_at is not null as used from api_keys where id = $1', [one.split('_')[1]])
    expect(rows[0].used).toBe(true)
    expect((await app.call('DELETE', `/v1/keys/${one.split('_')[1]}`, { key: admin })).status).toBe(204)
    expect([await read(one), await read(two)]).toEqual([401, 200])
  })
})

describe('S5 sessions', () => {
  it('live in a cookie bound to this host, out of reach of scripts and other sites', async () => {
    const secure = createApp({ ...app.deps, settings: { ...app.deps.settings, publicUrl: 'https://hub.example' } })
    const answer = await secure.request('https://hub.example/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://hub.example' },
      body: JSON.stringify({ name: 'mei', password: PASSWORD }),
    })
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-hub_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure$/)
  })

  it('get a new id with every sign-in: one that was planted before is worth nothing', async () => {
    const planted = 'A'.repeat(43)
    const answer = await signIn('mei', { cookie: `hub_session=${planted}` })
    expect(cookieOf(answer)).not.toContain(planted)
    expect((await app.call('GET', '/v1/session', { cookie: `hub_session=${planted}` })).status).toBe(401)
    expect(cookieOf(await signIn('mei'))).not.toBe(cookieOf(answer))
    const { rows } = await app.hub.pool.query(`select string_agg(s::text, ' ') as text from sessions s`)
    expect(rows[0].text).not.toContain(cookieOf(answer).split('=')[1])
  })

  it('end after half an hour without a visit, after their hours, with signing out, and with new rights', async () => {
    const visit = async (cookie: string): Promise<number> => (await app.call('GET', '/v1/session', { cookie })).status
    const age = (sql: string) => app.hub.pool.query(`update sessions set ${sql}`)
    const idle = cookieOf(await signIn('mei'))
    await age(`last_seen = now() - interval '29 minutes'`)
    expect(await visit(idle)).toBe(200)
    await age(`last_seen = now() - interval '31 minutes'`)
    expect(await visit(idle)).toBe(401)
    const old = cookieOf(await signIn('mei'))
    const { rows } = await app.hub.pool.query(`select extract(epoch from max(expires_at) - now()) / 3600 as hours from sessions`)
    expect(Number(rows[0].hours)).toBeCloseTo(12, 1)
    await age(`expires_at = now() - interval '1 second'`)
    expect(await visit(old)).toBe(401)
    const left = cookieOf(await signIn('mei'))
    await app.call('DELETE', '/v1/session', { cookie: left })
    expect(await visit(left)).toBe(401)
    const changed = cookieOf(await signIn('mei'))
    const id = (await app.hub.pool.query(`select id from users where name = 'mei'`)).rows[0].id
    const admin = await app.key(['admin'])
    expect((await app.call('PATCH', `/v1/users/${id}`, { key: admin, body: { disabled: true } })).status).toBe(200)
    expect(await visit(changed)).toBe(401)
    await app.call('PATCH', `/v1/users/${id}`, { key: admin, body: { disabled: false } })
  })

  it('last as long as the settings say', async () => {
    const short = createApp({ ...app.deps, settings: { ...app.deps.settings, sessionHours: 1 } })
    const answer = await short.request(`${ORIGIN}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      body: JSON.stringify({ name: 'lee', password: PASSWORD }),
    })
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=3600')
    const { rows } = await app.hub.pool.query(
      `select extract(epoch from max(expires_at) - now()) as seconds from sessions s join users u on u.id = s.user_id where u.name = 'lee'`,
    )
    expect(Number(rows[0].seconds)).toBeLessThanOrEqual(3600)
  })
})

describe('S6 requests of foreign pages', () => {
  it('are refused on every unsafe route, whatever their content type, and so is the sign-in itself', async () => {
    const cookie = cookieOf(await signIn('mei'))
    const before = await stateOf(app.hub.pool)
    const passed: unknown[] = []
    const foreign: readonly Readonly<Record<string, string>>[] = [
      {},
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { origin: `${ORIGIN}.evil.test` },
      { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
      { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
    ]
    for (const route of allRoutes.filter((one) => one.method !== 'get')) {
      for (const [i, headers] of foreign.entries()) {
        const type = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'][i % 4] ?? ''
        const answer = await app.send(concrete(route.path), {
          method: route.method.toUpperCase(),
          headers: { cookie, 'content-type': route.scope === 'public' ? 'application/json' : type, ...headers },
          body: '{"name":"mei","password":"x"}',
        })
        if (answer.status !== 403 || answer.json.code !== 'origin-foreign') passed.push([route.method, route.path, headers, answer.status])
      }
    }
    expect(passed).toEqual([])
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('learn nothing: no answer allows another origin to read it', async () => {
    const key = await app.key(['admin'])
    for (const path of ['/v1/orders', '/v1/session', '/healthz', '/openapi.json', '/v1/nothing']) {
      for (const method of ['GET', 'OPTIONS']) {
        const answer = await app.send(path, {
          method,
          headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST', authorization: `Bearer ${key}` },
        })
        expect([path, [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([path, []])
      }
    }
  })
})

describe('S7 headers', () => {
  it('stand on every kind of answer, and scripts run from files of our own only', async () => {
    const key = await app.key(['admin'])
    const served = createApp({ ...app.deps, console: { dir }, settings: { ...app.deps.settings, publicUrl: 'https://hub.example' } })
    for (const path of ['/', '/healthz', '/docs', '/openapi.json', '/v1/orders', '/v1/orders.ndjson', '/v1/orders/1', '/v1/nothing', '/hooks/none']) {
      const { headers, body } = await served.request(`https://hub.example${path}`, { headers: { authorization: `Bearer ${key}` } })
      await body?.cancel()
      const policy = headers.get('content-security-policy') ?? ''
      expect([path, headers.get('x-content-type-options'), headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual([
        path,
        'nosniff',
        'DENY',
        'no-referrer',
      ])
      expect([headers.get('cross-origin-opener-policy'), headers.get('cross-origin-resource-policy')]).toEqual(['same-origin', 'same-origin'])
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000')
      expect(policy).toContain("default-src 'self'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get('x-powered-by') ?? headers.get('server')).toBeNull()
      if (path.startsWith('/v1')) expect([path, headers.get('cache-control')]).toEqual([path, 'no-store'])
    }
  })
})

describe('S17 rates', () => {
  const limited = (answers: readonly Response[]): readonly number[] =>
    answers.filter((answer) => answer.status === 429).map((answer) => Number(answer.headers.get('retry-after')))
  const burst = async (
    count: number,
    ask: (fresh: ReturnType<typeof createApp>, i: number) => Promise<Response> | Response,
  ): Promise<readonly Response[]> => {
    const fresh = createApp(app.deps)
    const answers: Response[] = []
    for (let i = 0; i < count; i += 1) answers.push(await ask(fresh, i))
    return answers
  }

  it('hold per key: one that asks too much waits, another goes on', async () => {
    const [greedy, modest] = [await app.key(['orders:read']), await app.key(['orders:read'])]
    let other = 0
    const answers = await burst(405, async (fresh, i) => {
      if (i === 404) other = (await fresh.request(`${ORIGIN}/v1/session`, { headers: { authorization: `Bearer ${modest}` } })).status
      return fresh.request(`${ORIGIN}/v1/session`, { headers: { authorization: `Bearer ${greedy}` } })
    })
    expect([limited(answers), other]).toEqual([[1, 1, 1, 1, 1], 200])
  })

  it('hold per address for credentials that do not work, and per name for sign-ins', async () => {
    const guesses = await burst(105, (fresh, i) => fresh.request(`${ORIGIN}/v1/orders`, { headers: { authorization: `Bearer guess-${i}` } }))
    expect(limited(guesses)).toHaveLength(5)
    const attempts = await burst(14, (fresh) =>
      fresh.request(`${ORIGIN}/v1/session`, {
        method: 'POST',
        headers: { origin: ORIGIN, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'nobody', password: 'wrong' }),
      }),
    )
    expect([attempts.slice(0, 12).every((answer) => answer.status === 401), limited(attempts)]).toEqual([true, [10, 10]])
  })

  it('do not count who knows the password, and go on counting who does not', async () => {
    const signIn = (fresh: ReturnType<typeof createApp>, password: string) =>
      fresh.request(`${ORIGIN}/v1/session`, {
        method: 'POST',
        headers: { origin: ORIGIN, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'mei', password }),
      })
    const answers = await burst(26, (fresh, i) => signIn(fresh, i % 2 === 0 || i > 22 ? PASSWORD : 'wrong'))
    // Eleven wrong ones among twelve right ones, then three right ones more.
    expect([answers.filter((answer) => answer.status === 200).length, limited(answers)]).toEqual([15, []])
  })

  it('count the caller behind a trusted proxy, and believe nobody else', async () => {
    const proxied = createApp({ ...app.deps, settings: { ...app.deps.settings, trustedProxies: ['127.0.0.1', '10.0.0.0/8'] } })
    const ask = (served: ReturnType<typeof createApp>, from: string) =>
      served.request(`${ORIGIN}/v1/orders`, { headers: { authorization: 'Bearer x', 'x-forwarded-for': from } })
    let last = 0
    for (let i = 0; i < 101; i += 1) last = (await ask(proxied, `198.51.100.1, 203.0.113.9, 10.1.2.3`)).status
    expect([last, (await ask(proxied, '203.0.113.10')).status]).toEqual([429, 401])
    const direct = createApp(app.deps)
    for (let i = 0; i < 101; i += 1) last = (await ask(direct, `203.0.113.${i}`)).status
    expect(last).toBe(429)
  })

  it('hold for personal data in clear and for exports', async () => {
    const key = await app.key(['orders:read', 'orders:read_pii', 'feed:read'])
    const personal = await burst(101, async (fresh) => {
      const answer = await fresh.request(`${ORIGIN}/v1/snapshot?pii=1&purpose=test`, { headers: { authorization: `Bearer ${key}` } })
      await answer.text()
      return answer
    })
    expect([personal[99]?.status, limited(personal)]).toEqual([200, [1]])
    const fresh = createApp(app.deps)
    const open = () => fresh.request(`${ORIGIN}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } })
    const [one, two, three] = [await open(), await open(), await open()]
    expect([one.status, two.status, three.status]).toEqual([200, 200, 429])
    await one.text()
    await two.body?.cancel()
    expect([(await open()).status, (await open()).status]).toEqual([200, 200])
  })
})
