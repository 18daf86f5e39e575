import { randomBytes, scryptSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPool } from '../../src/store/db.ts'
import { rotateMasterKey, unlock } from '../../src/store/master-key.ts'
import { newId } from '../../src/store/people/new-id.ts'
import { removeSecondFactor, takeCode, totpAad } from '../../src/store/people/second-factor.ts'
import { stepAt, totpCode } from '../../src/store/people/totp.ts'
import { changePassword, changeUser, createUser } from '../../src/store/people/users.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { freshDatabase } from '../support/db.ts'

const PASSWORD = 'Correct horse 42 battery'
let app: HubApp
let people = 0
/** Stands still unless a test moves it. */
let now = new Date('2026-11-20T08:00:00Z')
beforeAll(async () => {
  app = await hubApp({ now: () => now })
})
afterAll(() => app.close())

const later = (seconds: number): void => void (now = new Date(now.getTime() + seconds * 1000))
/** A hash that takes a thirtieth of the time: it says itself how dear it is. */
const cheap = (password: string): string =>
  ['scrypt', 1024, 8, 1, 'c2FsdHNhbHQ', scryptSync(password, Buffer.from('c2FsdHNhbHQ', 'base64url'), 32, { N: 1024 }).toString('base64url')].join(
    '$',
  )
async function person(roles: readonly string[] = ['support']): Promise<{ readonly id: string; readonly name: string }> {
  const [id, name] = [newId('u'), `person-${(people += 1)}`]
  await app.hub.pool.query('insert into users (id, name, password, roles) values ($1, $2, $3, $4)', [id, name, cheap(PASSWORD), roles])
  return { id, name }
}
const signIn = (name: string, code?: string, password = PASSWORD): Promise<Answer> =>
  app.call('POST', '/v1/session', { body: { name, password, ...(code !== undefined && { code }) }, headers: { origin: ORIGIN } })
const cookieOf = (answer: Answer): string => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const post = (cookie: string, path: string, body: unknown = {}): Promise<Answer> => app.call('POST', path, { cookie, body })

/** RFC 4648 back into bytes, as an app does. */
function bytesOf(base32: string): Buffer {
  const bits = [...base32].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
const codeNow = (secret: string): string => totpCode(bytesOf(secret), stepAt(now))

async function enrolled(roles?: readonly string[]) {
  const user = await person(roles)
  const cookie = cookieOf(await signIn(user.name))
  const begun = await post(cookie, '/v1/session/second-factor', { password: PASSWORD })
  const confirmed = await post(cookie, '/v1/session/second-factor/confirm', { code: codeNow(begun.json.secret) })
  const recovery: readonly string[] = confirmed.json.recovery_codes
  later(60)
  return { user, cookie, secret: String(begun.json.secret), recovery }
}

describe('S4 passwords', () => {
  it('have twelve characters of four kinds, and not the name', async () => {
    const admin = await app.key(['admin'])
    const made = (password: string) => app.call('POST', '/v1/users', { key: admin, body: { name: 'weak-one', password, roles: ['viewer'] } })
    for (const weak of [
      'Short 1 x',
      'all lower case 1',
      'ALL UPPER CASE 1',
      'No digits here at all',
      'Nothing3lse',
      'LettersAndDigits1234',
      'Weak-One has 1 name',
    ])
      expect([weak, (await made(weak)).json.code]).toEqual([weak, 'password-weak'])
    expect((await made('Quite a g00d one')).status).toBe(201)
    expect((await made('密码要有 Aa1 这样十二个')).json.code).toBe('user-exists')
  })

  it('are not taken again until ten others were used', async () => {
    const { id } = await person()
    const change = (current: string, next: string) => changePassword(app.hub.pool, { userId: id, current, next })
    const nth = (n: number): string => `Number ${n} of many words`
    await expect(change(PASSWORD, PASSWORD)).rejects.toMatchObject({ code: 'password-used' })
    for (let n = 0; n < 10; n += 1)
      await app.hub.pool.query(`insert into past_passwords (user_id, password, at) values ($1, $2, now() - make_interval(days => $3))`, [
        id,
        cheap(nth(n)),
        10 - n,
      ])
    await expect(change(PASSWORD, nth(0))).rejects.toMatchObject({ code: 'password-used' })
    await expect(changeUser(app.hub.pool, id, { password: nth(9) })).rejects.toMatchObject({ code: 'password-used' })
    await change(PASSWORD, nth(10))
    await expect(change(nth(10), nth(1))).rejects.toMatchObject({ code: 'password-used' })
    // Ten others were used since.
    await change(nth(10), nth(0))
    const { rows } = await app.hub.pool.query(
      `select count(*)::int as n, bool_and(password like 'scrypt$%') as hashed from past_passwords where user_id = $1`,
      [id],
    )
    expect(rows[0]).toEqual({ n: 10, hashed: true })
  })

  it('take as long to refuse for a name that nobody has', async () => {
    const { name } = await createUser(app.hub.pool, { name: 'mei', password: PASSWORD, roles: ['viewer'], connections: null, mustChange: false })
    const fastest = { known: Infinity, unknown: Infinity }
    for (let i = 0; i < 4; i += 1) {
      for (const [kind, who] of [
        ['known', name],
        ['unknown', `nobody-${i}`],
      ] as const) {
        later(120)
        const started = process.hrtime.bigint()
        expect((await signIn(who, undefined, 'Wrong password 1')).status).toBe(401)
        fastest[kind] = Math.min(fastest[kind], Number(process.hrtime.bigint() - started) / 1e6)
      }
    }
    // Without the hash an unknown name is refused in a twentieth of the time.
    expect(fastest.unknown / fastest.known).toBeGreaterThan(0.6)
    expect(fastest.unknown / fastest.known).toBeLessThan(1.7)
  })

  it('are not guessed inside a session either', async () => {
    const { name } = await person()
    const cookie = cookieOf(await signIn(name))
    const codes: string[] = []
    for (let i = 0; i < 13; i += 1)
      codes.push((await post(cookie, '/v1/session/password', { current: 'Wrong password 1', next: 'Another long 1 secret' })).json.code)
    expect(new Set(codes.slice(0, 10))).toEqual(new Set(['password-wrong']))
    expect(codes.at(-1)).toBe('rate-limited')
  })
})

describe('S4 second factor', () => {
  it('is asked for after the password, and never without it', async () => {
    const { user, secret } = await enrolled()
    expect((await signIn(user.name, undefined, 'Wrong password 1')).json.code).toBe('sign-in-refused')
    expect((await signIn(user.name)).json.code).toBe('code-needed')
    expect((await signIn(user.name)).headers.get('set-cookie')).toBeNull()
    expect((await signIn(user.name, '000000')).json.code).toBe('code-wrong')
    const code = codeNow(secret)
    expect((await signIn(user.name, code, 'Wrong password 1')).json.code).toBe('sign-in-refused')
    const signedIn = await signIn(user.name, code)
    expect([signedIn.status, signedIn.json.user.second_factor]).toEqual([200, true])
  })

  it('takes a code once, and no older one after it', async () => {
    const { user, secret } = await enrolled()
    const code = codeNow(secret)
    later(30)
    expect((await signIn(user.name, codeNow(secret))).status).toBe(200)
    expect((await signIn(user.name, codeNow(secret))).json.code).toBe('code-wrong')
    expect((await signIn(user.name, code)).json.code).toBe('code-wrong')
    later(30)
    const both = await Promise.all([signIn(user.name, codeNow(secret)), signIn(user.name, codeNow(secret))])
    expect(both.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 401])
  })

  it('locks the name after ten wrong codes', async () => {
    const { user, secret } = await enrolled()
    for (let i = 0; i < 10; i += 1) {
      later(20)
      expect((await signIn(user.name, '12345x')).status).toBe(401)
    }
    later(20)
    expect((await signIn(user.name, codeNow(secret))).json.code).toBe('sign-in-refused')
  })

  it('lets recovery codes in, each once; the database knows neither them nor the secret', async () => {
    const { user, secret, recovery } = await enrolled()
    expect(recovery).toHaveLength(10)
    expect(new Set(recovery).size).toBe(10)
    const [code = '', other = ''] = recovery
    expect((await signIn(user.name, code.toUpperCase().replace('-', ' '))).status).toBe(200)
    expect((await signIn(user.name, code)).json.code).toBe('code-wrong')
    const { rows } = await app.hub.pool.query<{ text: string }>(
      `select (select string_agg(u::text, ' ') from users u) || (select string_agg(r::text, ' ') from recovery_codes r) || (select string_agg(a::text, ' ') from audit_log a) || coalesce((select string_agg(i::text, ' ') from idempotency_keys i), '') as text`,
    )
    const text = rows[0]?.text ?? ''
    expect(text).toContain(user.name)
    for (const hidden of [secret, bytesOf(secret).toString('hex'), other, other.replace('-', '')]) expect(text.includes(hidden)).toBe(false)
  })

  it('begins with the password, counts from its first code, and ends the other sessions', async () => {
    const user = await person()
    const [one, two] = [cookieOf(await signIn(user.name)), cookieOf(await signIn(user.name))]
    expect((await post(one, '/v1/session/second-factor', { password: 'Wrong password 1' })).json.code).toBe('password-wrong')
    expect((await post(one, '/v1/session/second-factor/confirm', { code: '123456' })).json.code).toBe('second-factor-not-begun')
    const begun = await post(one, '/v1/session/second-factor', { password: PASSWORD })
    expect(begun.json.uri).toContain(`secret=${begun.json.secret}`)
    expect((await signIn(user.name)).status).toBe(200)
    expect((await post(one, '/v1/session/second-factor/confirm', { code: '123456' })).json.code).toBe('code-wrong')
    expect((await post(one, '/v1/session/second-factor/confirm', { code: codeNow(begun.json.secret) })).status).toBe(200)
    expect((await app.call('GET', '/v1/session', { cookie: two })).status).toBe(401)
    expect((await app.call('GET', '/v1/session', { cookie: one })).json.user.second_factor).toBe(true)
    expect((await signIn(user.name, codeNow(begun.json.secret))).json.code).toBe('code-wrong')
  })

  it('can be asked of roles: without one nothing opens but the way to add it, and it cannot be taken off', async () => {
    const admin = await app.key(['admin'])
    const finance = await person(['finance'])
    const cookie = cookieOf(await signIn(finance.name))
    expect((await app.call('GET', '/v1/orders', { cookie })).status).toBe(200)
    expect((await app.call('PATCH', '/v1/access-policy', { key: admin, body: { second_factor_roles: ['finance'] } })).status).toBe(200)
    expect((await app.call('GET', '/v1/orders', { cookie })).json.code).toBe('second-factor-required')
    expect((await app.call('GET', '/v1/session', { cookie })).json.user.must_enrol).toBe(true)
    const begun = await post(cookie, '/v1/session/second-factor', { password: PASSWORD })
    await post(cookie, '/v1/session/second-factor/confirm', { code: codeNow(begun.json.secret) })
    expect((await app.call('GET', '/v1/orders', { cookie })).status).toBe(200)
    expect((await post(cookie, '/v1/session/second-factor/remove', { password: PASSWORD })).json.code).toBe('second-factor-required')
    await app.call('PATCH', '/v1/access-policy', { key: admin, body: { second_factor_roles: [] } })
    expect((await post(cookie, '/v1/session/second-factor/remove', { password: PASSWORD })).status).toBe(200)
    expect((await signIn(finance.name)).status).toBe(200)
  })

  it('is taken away by an administrator when the telephone is lost; nobody else can', async () => {
    const { user, cookie } = await enrolled()
    const other = cookieOf(await signIn((await person(['ops'])).name))
    expect((await post(other, `/v1/users/${user.id}/second-factor/remove`)).status).toBe(403)
    const admin = await app.key(['admin'])
    expect((await app.call('POST', `/v1/users/${user.id}/second-factor/remove`, { key: admin, body: {} })).status).toBe(200)
    expect((await app.call('GET', '/v1/session', { cookie })).status).toBe(401)
    expect((await signIn(user.name)).status).toBe(200)
    expect((await app.call('POST', '/v1/users/u_0000000000/second-factor/remove', { key: admin, body: {} })).status).toBe(404)
    await expect(removeSecondFactor(app.hub.pool, 'u_0000000000')).rejects.toMatchObject({ code: 'user-unknown' })
  })

  it('goes on working under another master key', async () => {
    const database = await freshDatabase()
    const pool = createPool(database.url)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const secret = randomBytes(20)
    const before = await unlock(pool, first)
    const id = newId('u')
    await pool.query(`insert into users (id, name, password, roles, totp) values ($1, 'mei', $2, '{}', $3)`, [
      id,
      cheap(PASSWORD),
      before.seal(secret, totpAad(id)),
    ])
    await rotateMasterKey(pool, first, second)
    const { rows } = await pool.query<{ totp: Buffer }>('select totp from users')
    expect(await takeCode(pool, await unlock(pool, second), { id, totp: rows[0]?.totp ?? Buffer.alloc(0) }, totpCode(secret, stepAt(now)), now)).toBe(
      true,
    )
    await pool.end()
    await database.drop()
  })
})

describe('S5 own sessions', () => {
  it('are listed with address and device, and ended one by one or all but this', async () => {
    const user = await person()
    const stranger = cookieOf(await signIn((await person()).name))
    const cookies: string[] = []
    for (const agent of ['Firefox on a desk', 'Safari on a telephone', 'Edge at home']) {
      const answer = await app.call('POST', '/v1/session', {
        body: { name: user.name, password: PASSWORD },
        headers: { origin: ORIGIN, 'user-agent': agent },
      })
      cookies.push(cookieOf(answer))
    }
    const [desk = '', phone = '', home = ''] = cookies
    const list = (await app.call('GET', '/v1/sessions', { cookie: desk })).json.items
    expect(list.map((one: { agent: string; current: boolean; ip: string }) => [one.agent, one.current, one.ip])).toEqual([
      ['Firefox on a desk', true, '127.0.0.1'],
      ['Edge at home', false, '127.0.0.1'],
      ['Safari on a telephone', false, '127.0.0.1'],
    ])
    const phoneId = list[2].id
    expect((await app.call('DELETE', `/v1/sessions/${phoneId}`, { cookie: stranger })).status).toBe(404)
    expect((await app.call('DELETE', `/v1/sessions/${phoneId}`, { cookie: desk })).status).toBe(204)
    expect((await app.call('GET', '/v1/session', { cookie: phone })).status).toBe(401)
    expect((await post(desk, '/v1/sessions/end-others')).json).toEqual({ ended: 1 })
    expect((await app.call('GET', '/v1/session', { cookie: home })).status).toBe(401)
    expect((await app.call('GET', '/v1/session', { cookie: desk })).status).toBe(200)
    expect((await app.call('GET', '/v1/session', { cookie: stranger })).status).toBe(200)
    expect((await app.call('GET', '/v1/sessions', { key: await app.key(['admin']) })).json.code).toBe('people-only')
  })
})
