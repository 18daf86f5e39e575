import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { configurationPage, environmentExample } from '../../../scripts/gen-configuration.ts'
import { loadSettings, SettingsError } from '../../../src/app/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'hub-settings-'))
afterAll(() => rmSync(folder, { recursive: true }))

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadSettings(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

describe('settings', () => {
  test('need nothing: everything has a default and stays on this machine', () => {
    const settings = loadSettings({})
    expect(settings).toMatchObject({ home: resolve('.hub'), host: '127.0.0.1', port: 0, sandbox: 'auto', privateHosts: 'all', production: false })
    expect(settings.database.url).toBeUndefined()
    expect(settings.temporal).toMatchObject({ namespace: 'channel-hub', tls: false })
  })

  test('a misspelt name is refused with the one that was meant', () => {
    expect(problemsOf({ HUB_PROT: '8080' })).toEqual(['HUB_PROT is not a setting. Did you mean HUB_PORT?'])
    expect(problemsOf({ HUB_MASTERKEY_FILE: '/x' })).toEqual(['HUB_MASTERKEY_FILE is not a setting. Did you mean HUB_MASTER_KEY_FILE?'])
    expect(problemsOf({ HUB_SOMETHING_ELSE_ENTIRELY: '1' })).toEqual(['HUB_SOMETHING_ELSE_ENTIRELY is not a setting.'])
  })

  test('every wrong value is named at once, and a secret is not repeated', () => {
    const problems = problemsOf({ HUB_PORT: '70000', HUB_SANDBOX: 'yes', HUB_MASTER_KEY: 'c2hvcnQtc2VjcmV0', DATABASE_URL: 'mysql://u:hunter2@h/d' })
    expect(problems.map((problem) => problem.split(':')[0] ?? '').toSorted()).toEqual(['DATABASE_URL', 'HUB_MASTER_KEY', 'HUB_PORT', 'HUB_SANDBOX'])
    expect(problems.join('\n')).not.toMatch(/c2hvcnQ|hunter2/)
  })

  test('a secret comes from a file as well, but not from both', () => {
    const file = join(folder, 'key')
    const key = Buffer.alloc(32, 7).toString('base64')
    writeFileSync(file, `${key}\n`)
    expect(loadSettings({ HUB_MASTER_KEY_FILE: file }).masterKey).toBe(key)
    expect(problemsOf({ HUB_MASTER_KEY_FILE: file, HUB_MASTER_KEY: key })).toEqual(['HUB_MASTER_KEY and HUB_MASTER_KEY_FILE are both set; keep one.'])
    expect(problemsOf({ HUB_MASTER_KEY_FILE: join(folder, 'none') })[0]).toContain('cannot be read')
  })

  test('an empty value counts as not set', () => {
    expect(loadSettings({ HUB_PORT: '', DATABASE_URL: '' }).port).toBe(0)
  })

  test('private hosts are open only while both services are embedded', () => {
    const database = 'postgres://hub@db/hub'
    expect(loadSettings({ DATABASE_URL: database }).privateHosts).toBe('none')
    expect(loadSettings({ NODE_ENV: 'production' }).privateHosts).toBe('none')
    expect(problemsOf({ NODE_ENV: 'production', HUB_ALLOW_PRIVATE_HOSTS: '1' })).toHaveLength(1)
    expect(loadSettings({ NODE_ENV: 'production', HUB_ALLOW_PRIVATE_HOSTS: 'shop.internal,10.0.0.12' }).privateHosts).toEqual([
      'shop.internal',
      '10.0.0.12',
    ])
  })

  test('a key for a hosted Temporal turns TLS on and is never sent without it', () => {
    expect(loadSettings({ TEMPORAL_ADDRESS: 'ns.tmprl.example:7233', TEMPORAL_API_KEY: 'k' }).temporal.tls).toBe(true)
    expect(problemsOf({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: '0' })[0]).toContain('clear text')
    expect(problemsOf({ TEMPORAL_TLS_CERT: '-----BEGIN CERTIFICATE-----' })[0]).toContain('belong together')
    expect(problemsOf({ TEMPORAL_ADDRESS: 'https://temporal' })[0]).toContain('host:port')
  })
})

test('the configuration page and the example file are what the schema says', () => {
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationPage())
  expect(readFileSync('.env.example', 'utf8')).toBe(environmentExample())
})
