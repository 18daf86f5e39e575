import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../src/app/services/postgres.ts'
import { startTemporal } from '../../src/app/services/temporal.ts'
import { migrate } from '../../src/store/migrate.ts'

export interface ProvidedPostgres {
  /** Names a database for administration, not for tests. */
  readonly adminUrl: string
  /** Migrated once; every test file clones it. */
  readonly template: string
}

export interface ProvidedTemporal {
  readonly address: string
  readonly namespace: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly needs: readonly ('postgres' | 'temporal')[]
    readonly postgres: ProvidedPostgres
    readonly temporal: ProvidedTemporal
  }
}

interface Service<T> {
  readonly provided: T
  stop(): Promise<void>
}

/** What the projects of one run share: each is started by the first project that needs it. */
interface Shared {
  users: number
  home?: Promise<string>
  postgres?: Promise<Service<ProvidedPostgres>>
  temporal?: Promise<Service<ProvidedTemporal>>
}

declare global {
  // Each project loads this module anew; the process is all they have in common.
  var hubTestServices: Shared | undefined
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const shared = (globalThis.hubTestServices ??= { users: 0 })
  shared.users += 1
  const needs = project.config.provide.needs ?? []
  const [postgres, temporal] = await Promise.all([
    needs.includes('postgres') ? usePostgres(shared) : undefined,
    needs.includes('temporal') ? useTemporal(shared) : undefined,
  ])
  if (postgres !== undefined) project.provide('postgres', postgres.provided)
  if (temporal !== undefined) project.provide('temporal', temporal.provided)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    globalThis.hubTestServices = undefined
    await Promise.all([shared.postgres?.then((service) => service.stop()), shared.temporal?.then((service) => service.stop())])
    if (shared.home !== undefined) await rm(await shared.home, { recursive: true, force: true })
  }
}

function homeOf(shared: Shared): Promise<string> {
  shared.home ??= makeHome()
  return shared.home
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'hub-test-'))
  // As root PostgreSQL runs under another account, which has to pass through.
  await chmod(home, 0o711)
  return home
}

function usePostgres(shared: Shared): Promise<Service<ProvidedPostgres>> {
  shared.postgres ??= launchPostgres(homeOf(shared))
  return shared.postgres
}

async function launchPostgres(home: Promise<string>): Promise<Service<ProvidedPostgres>> {
  const running = await startPostgres({ dataDir: join(await home, 'pg'), log: () => undefined, config: ['max_connections=200'] })
  const template = 'hub_template'
  const admin = new pg.Client({ connectionString: running.url })
  await admin.connect()
  await admin.query(`create database ${template}`)
  await admin.end()
  const url = new URL(running.url)
  url.pathname = `/${template}`
  await migrate(url.href)
  return { provided: { adminUrl: running.url, template }, stop: () => running.stop() }
}

function useTemporal(shared: Shared): Promise<Service<ProvidedTemporal>> {
  shared.temporal ??= launchTemporal(homeOf(shared))
  return shared.temporal
}

async function launchTemporal(home: Promise<string>): Promise<Service<ProvidedTemporal>> {
  const running = await startTemporal({ home: await home, log: (line) => process.stderr.write(`${line}\n`) })
  return { provided: { address: running.address, namespace: running.namespace }, stop: () => running.stop() }
}
