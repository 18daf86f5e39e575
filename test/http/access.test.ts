import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES, scopesGiving, scopesOfKey, scopesOfRoles } from '../../src/http/scopes.ts'
import { changeUser, createUser } from '../../src/store/people/users.ts'
import { revokeKey } from '../../src/store/people/keys.ts'
import { type HubApp, ORIGIN, hubApp } from './hub-app.ts'

let app: HubApp
beforeAll(async () => {
  // A clock that stands still: no bucket of attempts fills up while a slow machine hashes passwords.
  const started = new Date()
  app = await hubApp({ now: () => started })
})
afterAll(() => app.close())

const concrete = (path: string): string =>
  path
    .replace('{name}', 'erp')
    .replace('{sku}', 'TEA')
    .replaceAll(/\{\w+\}/g, '1')

describe('who may call what', () => {
  it('asks every route but these for a credential', async () => {
    const open: string[] = []
    for (const route of allRoutes) {
      const { status } = await app.call(route.method.toUpperCase(), concrete(route.path))
      if (status !== 401) open.push(`${route.method.toUpperCase()} ${route.path} ${status}`)
    }
    expect(open).toEqual(['POST /v1/session 400'])
  })

  it('refuses a key without the scope on every route that names one', async () => {
    for (const route of allRoutes) {
      const { scope } = route
      if (scope === 'public' || scope === 'signed-in') continue
      const others = SCOPES.filter((one) => !scopesGiving(scope).includes(one))
      const { status, json } = await app.call(route.method.toUpperCase(), concrete(route.path), { key: await app.key(others) })
      expect([route.path, status, json?.code]).toEqual([route.path, 403, 'scope-missing'])
    }
  })

  it('writes down every change: what has no audit entry writes its own, only reads, or is kept as the acknowledgement itself', () => {
    const silent = allRoutes.filter((route) => route.method !== 'get' && route.audit === undefined).map((route) => `${route.method} ${route.path}`)
    expect(silent).toEqual([
      'post /v1/session',
      'post /v1/alerts/preview',
      'post /v1/orders/find',
      'post /v1/orders/{id}/recipient',
      'post /v1/consumers/{name}/ack',
      'post /v1/consumers/{name}/orders/{id}/ack',
      'post /v1/consumers/{name}/acks',
      'post /v1/stock/rules/preview',
      'post /v1/stock/rules/parse',
      'post /v1/mappings/{id}/table/parse',
      'post /v1/mappings/{id}/preview',
    ])
  })

  it('lets support renew credentials and bind goods, and change nothing else of them', async () => {
    await app.hub.pool.query(`insert into connections (id, channel, name) values ('c_renew', 'medusa', 'renewed')`)
    const key = await app.key([...scopesOfRoles(['support'])])
    const patch = (body: unknown) => app.call('PATCH', '/v1/connections/c_renew', { key, body })
    expect((await patch({ secrets: { apiKey: 'new' }, name: 'taken over' })).json.code).toBe('scope-missing')
    expect((await patch({ config: {}, secrets: {} })).json.code).toBe('scope-missing')
    expect((await patch({ secrets: {} })).status).toBe(200)
    expect((await app.call('DELETE', '/v1/connections/c_renew', { key })).status).toBe(403)
    expect((await app.call('POST', '/v1/listings/bind', { key, body: [] })).json?.code).not.toBe('scope-missing')
    expect((await app.call('POST', '/v1/stock', { key, body: { items: [{ sku: 'X', on_hand: '1' }] } })).json.code).toBe('scope-missing')
    expect([...scopesOfRoles(['viewer'])].every((scope) => scope.endsWith(':read'))).toBe(true)
    expect(scopesOfKey(['connections:write']).has('connections:renew')).toBe(true)
  })

  it('knows no garbled, unknown, expired or revoked key', async () => {
    const key = await app.key(['admin'])
    expect((await app.call('GET', '/v1/keys', { key })).status).toBe(200)
    for (const wrong of [
      'x',
      `${key}x`,
      key.slice(0, -1),
      `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
      'chub_0000000000_'.padEnd(59, 'A'),
    ]) {
      expect((await app.call('GET', '/v1/keys', { key: wrong })).status).toBe(401)
    }
    await revokeKey(app.hub.pool, key.split('_')[1] ?? '')
    expect((await app.call('GET', '/v1/keys', { key })).status).toBe(401)
    const expired = await app.key(['admin'])
    await app.hub.pool.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [expired.split('_')[1]])
    expect((await app.call('GET', '/v1/keys', { key: expired })).status).toBe(401)
  })

  it('keeps only a hash of a key, and shows the secret once', async () => {
    const admin = await app.key(['admin'])
    const made = await app.call('POST', '/v1/keys', {
      key: admin,
      body: { name: 'ERP', scopes: ['feed:read'] },
      headers: { 'idempotency-key': 'k1' },
    })
    expect(made.status).toBe(201)
    expect(made.json.secret).toMatch(/^chub_/)
    expect((await app.call('GET', '/v1/keys', { key: admin })).text).not.toContain(made.json.secret)
    const dump = await app.hub.pool.query(
      `select (select string_agg(k::text, ' ') from api_keys k) || coalesce((select string_agg(i::text, ' ') from idempotency_keys i), '') || (select string_agg(a::text, ' ') from audit_log a) as text`,
    )
    expect(dump.rows[0].text).not.toContain(made.json.secret.slice(-30))
  })
})

describe('signing in', () => {
  const password = 'Correct horse 42 battery'
  const signIn = (name: string, secret: string, origin = ORIGIN) =>
    app.call('POST', '/v1/session', { body: { name, password: secret }, headers: { origin } })
  const cookieOf = (answer: { readonly headers: Headers }): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  beforeAll(async () => {
    await createUser(app.hub.pool, { name: 'mei', password, roles: ['support'], connections: null, mustChange: false })
    await createUser(app.hub.pool, { name: 'fresh', password, roles: ['admin'], connections: null, mustChange: true })
  })

  it('gives a cookie that scripts cannot read and that works until signing out', async () => {
    const answer = await signIn('mei', password)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(/^hub_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
    expect(answer.json.user).toMatchObject({ name: 'mei', roles: ['support'], must_change: false })
    const cookie = cookieOf(answer)
    expect((await app.call('GET', '/v1/session', { cookie })).json.user.name).toBe('mei')
    expect((await app.call('GET', '/v1/keys', { cookie })).status).toBe(403)
    expect((await app.call('DELETE', '/v1/session', { cookie })).status).toBe(204)
    expect((await app.call('GET', '/v1/session', { cookie })).status).toBe(401)
  })

  it('refuses unsafe requests of a signed-in browser from foreign pages, JSON too', async () => {
    const cookie = cookieOf(await signIn('mei', password))
    const body = { ids: ['1'] }
    expect((await app.call('POST', '/v1/orders/find', { cookie, body })).status).toBe(200)
    expect((await app.call('POST', '/v1/orders/find', { cookie, body, headers: { origin: 'https://evil.test' } })).json.code).toBe('origin-foreign')
    expect((await app.call('POST', '/v1/orders/find', { cookie, body, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    const without = await app.fetch('/v1/orders/find', {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(without.status).toBe(403)
    expect((await signIn('mei', password, 'https://evil.test')).status).toBe(403)
  })

  it('lets a person with a first password do nothing but change it, and ends other sessions then', async () => {
    const [one, two] = [cookieOf(await signIn('fresh', password)), cookieOf(await signIn('fresh', password))]
    expect((await app.call('GET', '/v1/orders', { cookie: one })).json.code).toBe('password-change-required')
    const change = (next: string, current = password) => app.call('POST', '/v1/session/password', { cookie: one, body: { current, next } })
    expect((await change('short')).json.code).toBe('password-weak')
    expect((await change('My fresh password 1')).json.code).toBe('password-weak')
    expect((await change('Another long secret 7', 'not it')).json.code).toBe('password-wrong')
    expect((await change('Another long secret 7')).status).toBe(200)
    expect((await app.call('GET', '/v1/orders', { cookie: one })).status).toBe(200)
    expect((await app.call('GET', '/v1/orders', { cookie: two })).status).toBe(401)
  })

  it('locks a name after ten wrong passwords, and says the same as for an unknown name', async () => {
    await createUser(app.hub.pool, { name: 'lee', password, roles: ['viewer'], connections: null, mustChange: false })
    const answers = []
    for (let i = 0; i < 10; i += 1) answers.push(await signIn('lee', 'wrong password 1'))
    const locked = await signIn('lee', password)
    const unknown = await signIn('nobody here', 'wrong password 1')
    expect(locked.status).toBe(401)
    expect([answers[0]?.json.detail, locked.json.detail]).toEqual([unknown.json.detail, unknown.json.detail])
    expect((await signIn('lee', password)).status).toBe(401)
    expect((await signIn('lee', password)).status).toBe(429)
  })

  it('ends sessions when rights change, and keeps one administrator', async () => {
    const cookie = cookieOf(await signIn('mei', password))
    const {
      rows: [mei],
    } = await app.hub.pool.query(`select id from users where name = 'mei'`)
    await changeUser(app.hub.pool, mei.id, { roles: ['viewer'] })
    expect((await app.call('GET', '/v1/session', { cookie })).status).toBe(401)
    const {
      rows: [fresh],
    } = await app.hub.pool.query(`select id from users where name = 'fresh'`)
    await expect(changeUser(app.hub.pool, fresh.id, { disabled: true })).rejects.toMatchObject({ code: 'last-administrator' })
  })
})
