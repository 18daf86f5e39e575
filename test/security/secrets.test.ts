import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { guarded } from '../../src/activities/failure.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { backup } from '../../src/store/backup.ts'
import { openSecrets, sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox, dataKeyAad } from '../../src/store/envelope.ts'
import { followMasterKey, rotateMasterKeyOnline, unlock } from '../../src/store/master-key.ts'
import { createKey } from '../../src/store/people/keys.ts'
import { openSession } from '../../src/store/people/sessions.ts'
import { createUser } from '../../src/store/people/users.ts'
import { incoming, plainMapping } from '../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'

/** Texts that exist nowhere else. */
const SECRET = { consumerKey: 'ck_CANARYKEY0123456789', consumerSecret: 'cs_CANARYSECRET0123456789' }
const PERSON = { name: '王小明', phone: '13800138000', address: '文三路 100 号' }
const CANARIES = [...Object.values(SECRET), ...Object.values(PERSON), 'Correct horse 42 battery']
/** Also behind base64, hex and URL encoding. */
const found = (text: string): readonly string[] =>
  CANARIES.filter((canary) =>
    [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64').slice(0, -4), Buffer.from(canary).toString('hex')].some((form) =>
      text.includes(form),
    ),
  )

const ROWS = process.env['SECURITY_DEEP'] === '1' ? 100_000 : 10_000
const first = randomBytes(32)
const second = randomBytes(32)
let database: TestDatabase
let pool: ReturnType<typeof createPool>
let dir: string

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 8 })
  dir = await mkdtemp(join(tmpdir(), 'secrets-'))
  const box = await unlock(pool, first)
  const ids = Array.from({ length: ROWS }, (_, i) => `c_${String(i).padStart(6, '0')}`)
  await pool.query(
    `insert into connections (id, channel, name, secrets, tokens) select id, 'plain', id, secrets, tokens from unnest($1::text[], $2::bytea[], $3::bytea[]) t(id, secrets, tokens)`,
    [
      ids,
      ids.map((id) => sealSecrets(box, id, SECRET)),
      ids.map((id) => box.seal(Buffer.from(`{"access":"${SECRET.consumerKey}"}`), `connection|${id}|tokens`)),
    ],
  )
})
afterAll(async () => {
  await pool.end()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

const context = (connectionId: string) => ({ connectionId, channel: 'plain', timezone: 'UTC', currency: 'CNY', config: {}, sandbox: false })
const secretsOf = async (box: SecretBox, id: string): Promise<unknown> => {
  const { rows } = await pool.query<{ secrets: Buffer | null }>('select secrets from connections where id = $1', [id])
  return openSecrets(box, id, rows[0]?.secrets ?? null)
}

describe('S8 what is sealed', () => {
  it('opens in its own row only: not in another row, another column, another month', async () => {
    const box = await unlock(pool, first)
    const { rows } = await pool.query<{ secrets: Buffer; tokens: Buffer }>(`select secrets, tokens from connections where id = 'c_000001'`)
    const [row] = rows
    if (row === undefined) throw new Error('the row was made')
    expect(openSecrets(box, 'c_000001', row.secrets)).toEqual(SECRET)
    for (const [id, sealed] of [
      ['c_000002', row.secrets],
      ['c_000001', row.tokens],
    ] as const)
      expect(() => openSecrets(box, id, sealed)).toThrow(expect.objectContaining({ code: 'secret-unreadable' }))
    const key = box.seal(randomBytes(32), dataKeyAad('c_000001', '2026-11-01'))
    for (const aad of [dataKeyAad('c_000001', '2026-12-01'), dataKeyAad('c_000002', '2026-11-01')])
      expect(() => box.open(key, aad)).toThrow(expect.objectContaining({ code: 'secret-unreadable' }))
    for (let i = 0; i < key.length; i += 7) {
      const bent = Buffer.from(key)
      bent[i] = (bent[i] ?? 0) ^ 1
      expect(() => box.open(bent, dataKeyAad('c_000001', '2026-11-01'))).toThrow(expect.objectContaining({ code: 'secret-unreadable' }))
    }
  })

  it('opens under its own master key only: with another one the hub does not start', async () => {
    await expect(unlock(pool, second)).rejects.toMatchObject({ code: 'master-key-wrong' })
    for (const weak of [Buffer.alloc(32), Buffer.from('0'.repeat(32)), randomBytes(16), Buffer.from('abcabcabcabcabcabcabcabcabcabcab')])
      expect(() => new SecretBox(weak)).toThrow(expect.objectContaining({ code: 'master-key-weak' }))
  })

  it(`gets another master key while the hub works: ${ROWS} connections, no sync fails`, async () => {
    const hub = await unlock(pool, first, second)
    const mappings = new Map([['plain', plainMapping]])
    const deps = { pool, box: hub, keys: new DataKeys(pool, hub), mappings, now: () => new Date() }
    let working = true
    let syncs = 0
    const failed: unknown[] = []
    /** One worker of a running hub: reads credentials, renews tokens, seals documents under new and known keys. */
    const work = async (worker: number): Promise<void> => {
      for (let i = 0; working; i += 1) {
        const id = `c_${String((i * 7919 + worker * 104_729) % ROWS).padStart(6, '0')}`
        try {
          expect(await secretsOf(hub, id)).toEqual(SECRET)
          await pool.query('update connections set tokens = $2 where id = $1', [
            id,
            hub.seal(Buffer.from('{"access":"renewed"}'), `connection|${id}|tokens`),
          ])
          const result = await ingest(deps, context(id), [incoming({ no: `W-${worker}-${i}`, at: '2026-11-01T01:00:00Z' })])
          expect(result.created).toBe(1)
          syncs += 1
        } catch (error) {
          failed.push(error)
        }
      }
    }
    const follower = setInterval(() => void followMasterKey(pool, hub), 50)
    const workers = [work(0), work(1)]
    const rotated = await rotateMasterKeyOnline(pool, first, second, 500)
    const during = syncs
    await new Promise((resolve) => setTimeout(resolve, 300))
    working = false
    await Promise.all(workers)
    clearInterval(follower)
    expect(failed).toEqual([])
    expect([rotated.connections, during > 0, syncs > during]).toEqual([ROWS, true, true])
    // The old key opens nothing any more, the new one everything, what the workers sealed meanwhile included.
    const after = await unlock(pool, second)
    await expect(unlock(pool, first)).rejects.toMatchObject({ code: 'master-key-wrong' })
    const old = new SecretBox(first)
    const { rows } = await pool.query<{ id: string; secrets: Buffer; tokens: Buffer }>('select id, secrets, tokens from connections')
    let opened = 0
    for (const row of rows) {
      after.open(row.secrets, `connection|${row.id}|secrets`)
      after.open(row.tokens, `connection|${row.id}|tokens`)
      opened += 1
    }
    expect(opened).toBe(ROWS)
    expect(() => old.open(rows[0]?.secrets ?? Buffer.alloc(0), `connection|${rows[0]?.id}|secrets`)).toThrow(
      expect.objectContaining({ code: 'secret-unreadable' }),
    )
    const { rows: stale } = await pool.query('select count(*)::int as n from data_keys where kek_id <> $1', [after.keyId])
    expect(stale[0].n).toBe(0)
    const { rows: parties } = await pool.query<{ key_id: number; row_key: Buffer; body: Buffer; connection_id: string; channel_order_no: string }>(
      'select p.key_id, p.row_key, p.body, o.connection_id, o.channel_order_no from order_parties p join orders o on o.id = p.order_id limit 200',
    )
    const keys = new DataKeys(pool, after)
    for (const party of parties)
      expect(
        await keys.open({ keyId: party.key_id, rowKey: party.row_key, body: party.body }, `party|${party.connection_id}|${party.channel_order_no}`),
      ).toContain(PERSON.name)
  }, 240_000)

  it('is in no dump: neither the backup nor any table shows a credential, a password, a session or a person', async () => {
    const key = await createKey(pool, { name: 'ERP', scopes: ['orders:read'], connections: null, createdBy: 'test' })
    const person = await createUser(pool, {
      name: 'mei',
      password: 'Correct horse 42 battery',
      roles: ['viewer'],
      connections: null,
      mustChange: false,
    })
    const cookie = await openSession(pool, person.id, {}, 12)
    const file = join(dir, 'hub.gz')
    await backup(database.url, file, () => undefined)
    const dump = gunzipSync(await readFile(file)).toString('latin1')
    expect(dump).toContain('c_000001')
    // COPY writes bytea as hex: found() looks behind that too.
    expect([
      found(dump),
      dump.includes(key.secret.slice(20, 50)),
      dump.includes(cookie),
      dump.includes(first.toString('hex')),
      dump.includes(second.toString('hex')),
    ]).toEqual([[], false, false, false, false])
  })
})

describe('S9 what is logged', () => {
  it('passes a net that takes out credentials and persons by the names of fields, however deep', () => {
    const facts = {
      token: SECRET.consumerKey,
      headers: { authorization: SECRET.consumerSecret, cookie: SECRET.consumerKey },
      connection: { secrets: SECRET.consumerSecret, config: { password: 'Correct horse 42 battery' } },
      order: { recipient: PERSON, phone: PERSON.phone, doc: { address: PERSON.address, name: PERSON.name } },
      body: PERSON.name,
    }
    const script = `import { createLog } from './src/app/log.ts'; createLog('info').info(${JSON.stringify(facts)}, 'Something happened.')`
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(run.stderr).toContain('Something happened.')
    expect([found(run.stderr + run.stdout), run.stderr.split('[redacted]').length > 6]).toEqual([[], true])
  })

  it('carries nothing of a call that failed: not its address, its headers, its answer', async () => {
    const echo = createServer((request, response) => {
      response.writeHead(500, { 'content-type': 'application/json', 'x-told': SECRET.consumerKey })
      response.end(JSON.stringify({ url: request.url, headers: request.headers, ...PERSON }))
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    const address = echo.address()
    const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    const connector = registry.get('woocommerce')
    if (connector === undefined) throw new Error('the registry has no WooCommerce')
    const lines: string[] = []
    const call = createHttp({
      connector,
      connectionId: 'c',
      hosts: [`http://${host}`],
      limiter: memoryLimiter(() => 0),
      allowPrivate: [host],
      log: { debug: (fields, message) => void lines.push(`${message} ${inspect(fields)}`) },
      now: () => new Date(),
      signal: new AbortController().signal,
    })
    const request = {
      method: 'POST' as const,
      url: `http://${host}/orders?access_token=${SECRET.consumerKey}&sign=${SECRET.consumerSecret}`,
      headers: { authorization: `Bearer ${SECRET.consumerSecret}` },
      body: PERSON.name,
    }
    const error = await call(request).catch((thrown: unknown) => thrown)
    echo.close()
    // Nobody listens there any more: the error is the HTTP library's own.
    const gone = await call(request).catch((thrown: unknown) => thrown)
    for (const one of [error, gone]) {
      expect(one).toBeInstanceOf(Error)
      expect(found(inspect(one, { depth: 12, showHidden: true }))).toEqual([])
    }
    expect([lines.length, found(lines.join('\n'))]).toEqual([2, []])
  })

  it('carries nothing of a statement that failed, and no failure that goes to the workflow server does', async () => {
    const logged: string[] = []
    const line = (message: string, fields: Readonly<Record<string, unknown>>): void =>
      void logged.push(`${message} ${inspect(fields, { depth: 12 })}`)
    const log = { info: line, warn: line, error: line }
    const works: readonly (() => Promise<unknown>)[] = [
      () => pool.query('select $1::numeric', [PERSON.phone + PERSON.name]),
      () => pool.query(`insert into users (id, name, password, roles) values ('u_x', 'mei', $1, '{}')`, ['Correct horse 42 battery']),
      () => Promise.reject(new TypeError(`Cannot read ${PERSON.name}`)),
      () => Promise.reject(Object.assign(new Error(SECRET.consumerSecret), { config: { headers: { authorization: SECRET.consumerKey } } })),
    ]
    for (const work of works) {
      const error = await guarded(log, 'work', async (_id: string) => work())('c').catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      // What leaves an activity is what the workflow server stores: its message, type, details and cause.
      const { message, cause } = error instanceof Error ? error : new Error('no error')
      const more = typeof error === 'object' && error !== null ? { type: Reflect.get(error, 'type'), details: Reflect.get(error, 'details') } : {}
      expect(found(inspect({ message, cause, ...more }, { depth: 12 }))).toEqual([])
    }
    expect([logged.length > 0, found(logged.join('\n'))]).toEqual([true, []])
  })
})
