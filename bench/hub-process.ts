import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { readRunNote } from '../src/app/services/run-note.ts'
import { ensureBuild, memoryEnv, memoryFlags } from '../scripts/setup.mjs'
import { ended, launch, lineOf, root, serversOf, type Pids } from './processes.ts'

export type Json = Readonly<Record<string, unknown>>

/** A hub with its shipped defaults in a process of its own, with its own PostgreSQL and Temporal, in a new data directory. */
export interface Hub {
  readonly home: string
  readonly url: string
  readonly key: string
  readonly databaseUrl: string
  readonly temporal: { readonly address: string; readonly namespace: string }
  readonly pids: Pids
  /** For looking at what was committed, never for writing. */
  readonly db: pg.Pool
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Json>
  stop(): Promise<void>
}

/** With `kept` in that directory, which stays; else in a new one, which goes when the hub is stopped. */
export async function startHub(profileDir: string | undefined, kept?: string): Promise<Hub> {
  const home = kept ?? (await mkdtemp(join(tmpdir(), 'hub-bench-')))
  await mkdir(home, { recursive: true })
  // As root PostgreSQL runs under another account, which has to pass through.
  await chmod(home, 0o711)
  const forget = async (): Promise<void> => (kept === undefined ? rm(home, { recursive: true, force: true }) : undefined)
  const profile = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir]
  const child = launch([...memoryFlags(), ...profile, await built('hub')], {
    ...memoryEnv(),
    HUB_HOME: home,
    HUB_SANDBOX: '0',
    HUB_LOG_LEVEL: 'error',
  })
  try {
    return await opened(child, home, forget)
  } catch (error) {
    await ended(child)
    await forget()
    throw error
  }
}

/** A program of this folder, built as `hub start` builds the hub. */
export async function built(program: 'hub' | 'normalise'): Promise<string> {
  const to = join(root, '.tmp', 'bench')
  const folders = ['src', 'workflows', 'connectors', 'mappings', 'sandbox', 'bench']
  if (!(await ensureBuild({ project: 'bench/tsconfig.json', folders, to }))) throw new Error('The hub could not be built; see .tmp/build.log.')
  return join(to, 'bench', `${program}.js`)
}

async function opened(child: ChildProcess, home: string, forget: () => Promise<void>): Promise<Hub> {
  const url = await lineOf(child, /^ready (\S+)/)
  const note = await readRunNote(home)
  if (!note) throw new Error('The hub left no note of where it runs.')
  const key = readFileSync(join(home, 'cli.key'), 'utf8').trim()
  const db = new pg.Pool({ connectionString: note.databaseUrl, max: 2, application_name: 'bench' })
  db.on('error', () => undefined) // the server is stopped before this pool is
  return {
    home,
    url,
    key,
    databaseUrl: note.databaseUrl,
    temporal: { address: note.temporalAddress, namespace: note.temporalNamespace },
    pids: { hub: note.pid, ...serversOf(home) },
    db,
    call: (method, path, body) => call(url, key, method, path, body),
    stop: async () => {
      await db.end()
      await ended(child)
      await forget()
    },
  }
}

async function call(url: string, key: string, method: string, path: string, body: unknown): Promise<Json> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  const answer: unknown = JSON.parse(text)
  if (!isJson(answer)) throw new Error(`${path} answered no object.`)
  return answer
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
