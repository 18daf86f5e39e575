import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { SCOPES } from '../../src/http/scopes.ts'
import { startPostgres } from '../../src/app/services/postgres.ts'
import { startTemporal } from '../../src/app/services/temporal.ts'
import { createPool } from '../../src/store/db.ts'
import { createKey } from '../../src/store/people/keys.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A whole hub as it runs in production: API and worker as processes of their own, beside real PostgreSQL and Temporal. */
export interface TestHub {
  readonly url: string
  /** The answer of the API, checked against what the test relies on. */
  get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>>
  send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<{ readonly status: number; readonly body: unknown; readonly etag: string }>
  /** The worker ends in the middle of whatever it does (kill -9), and a new one is started. */
  killWorker(): Promise<void>
  /** API and worker end at once (kill -9), and both are started again at the same address. */
  kill(): Promise<void>
  readonly kills: () => number
  /** What API and workers wrote, for the curious and for the canary. */
  readonly output: () => string
  stop(): Promise<void>
}

export async function startHub(): Promise<TestHub> {
  const home = await mkdtemp(join(tmpdir(), 'hub-peer-'))
  await chmod(home, 0o711)
  const silent = (): void => undefined
  const [postgres, temporal] = await Promise.all([startPostgres({ dataDir: join(home, 'pg'), log: silent }), startTemporal({ home, log: silent })])
  const stopServices = async (): Promise<void> => {
    await Promise.all([postgres.stop(), temporal.stop()])
    await rm(home, { recursive: true, force: true })
  }
  try {
    return await startParts({ home, databaseUrl: postgres.url, address: temporal.address, namespace: temporal.namespace, stopServices })
  } catch (error) {
    await stopServices()
    throw error
  }
}

interface Services {
  readonly home: string
  readonly databaseUrl: string
  readonly address: string
  readonly namespace: string
  stopServices(): Promise<void>
}

async function startParts({ home, databaseUrl, address, namespace, stopServices }: Services): Promise<TestHub> {
  let output = ''
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HUB_'))), NODE_ENV: '', HUB_HOME: home, HUB_PORT: '0', HUB_SANDBOX: '0', HUB_ALLOW_PRIVATE_HOSTS: '1', HUB_LOG_LEVEL: 'debug',
    DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace,
  }
  const launch = async (part: 'api' | 'worker', port = '0'): Promise<{ readonly child: ChildProcess; readonly url: string }> => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/app/cli.ts', part], { cwd: ROOT, env: { ...env, HUB_PORT: port }, stdio: ['ignore', 'pipe', 'pipe'] })
    const url = await readyLine(child, (text) => (output = (output + text).slice(-4_000_000)))
    return { child, url }
  }
  await runToEnd(['--import', 'tsx', 'src/app/cli.ts', 'migrate'], env)
  const pool = createPool(databaseUrl, { max: 2, name: 'peer test', onIdleError: () => undefined })
  const { secret } = await createKey(pool, { name: 'peer test', scopes: [...SCOPES], connections: null, createdBy: 'test' })
  let api = await launch('api')
  const { url } = api
  let worker = await launch('worker')
  let killed = 0

  const send: TestHub['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method, headers: { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : z.unknown().parse(JSON.parse(text)), etag: response.headers.get('etag') ?? '' }
  }
  return {
    url,
    send,
    async get(path, shape) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${secret}` } })
      const body: unknown = await response.json()
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${JSON.stringify(body)}`)
      return shape.parse(body)
    },
    async killWorker() {
      await end(worker.child, 'SIGKILL')
      killed += 1
      worker = await launch('worker')
    },
    async kill() {
      await Promise.all([end(worker.child, 'SIGKILL'), end(api.child, 'SIGKILL')])
      killed += 1
      api = await launch('api', new URL(url).port)
      worker = await launch('worker')
    },
    kills: () => killed,
    output: () => output,
    async stop() {
      await pool.end()
      await Promise.all([end(worker.child, 'SIGTERM'), end(api.child, 'SIGTERM')])
      await stopServices()
    },
  }
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    child.once('exit', () => {
      clearTimeout(late)
      resolve()
    })
    child.kill(signal)
  })
}

function readyLine(child: ChildProcess, keep: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = ''
    const late = setTimeout(() => reject(new Error(`The hub was not ready within 180 s:\n${seen.slice(-3000)}`)), 180_000)
    const look = (chunk: Buffer): void => {
      seen += chunk.toString()
      keep(chunk.toString())
      const url = /^ready (http:\S+)/m.exec(seen)?.[1]
      if (url === undefined) return
      clearTimeout(late)
      resolve(url)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`The hub ended with ${code}:\n${seen.slice(-3000)}`))
    })
  })
}

function runToEnd(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')} ended with ${code}:\n${output}`))))
  })
}
