import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error the launcher is plain JavaScript, it runs before TypeScript is installed
import { missingEntries, platformOf } from '../../../scripts/complete-lock.mjs'

test('locks the optional packages of every platform, so that npm ci accepts the lock anywhere', () => {
  const lock: unknown = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  expect(missingEntries(lock)).toEqual({})
})

test('finds an optional package that the lock lacks and tells its platform from its name', () => {
  const lock = { packages: { 'node_modules/tool': { version: '1.0.0', dev: true, optionalDependencies: { '@tool/linux-x64-musl': '1.0.0' } } } }
  expect(missingEntries(lock)).toEqual({
    'node_modules/@tool/linux-x64-musl': { version: '1.0.0', dev: true, optional: true, cpu: ['x64'], libc: ['musl'], os: ['linux'] },
  })
  expect(platformOf('@swc/core-win32-arm64-msvc')).toEqual({ cpu: ['arm64'], os: ['win32'] })
})
