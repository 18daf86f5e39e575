import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const HERE = import.meta.dirname

export interface Peer {
  readonly origin: string
  readonly adminApi: string
  readonly shopApi: string
  readonly username: string
  readonly password: string
  readonly pid: number
  stop(): Promise<void>
}

export interface PeerOptions {
  /** A port chosen beforehand; a free one otherwise. */
  readonly port?: number
  readonly hookUrl?: string
  readonly hookSecret?: string
  readonly tokenMethod?: 'bearer' | 'cookie'
  /** Where tax is rounded: per line (the shop's default) or once per rate over the order. */
  readonly tax?: 'line' | 'order'
}

/**
 * Installs Vendure once into a cache folder of its own (never into the product), seeds a fresh database and starts it on a
 * free loopback port with telemetry off. The first install takes one to two minutes.
 */
export async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const home = await install()
  const data = join(tmpdir(), `vendure-peer-${process.pid}-${Date.now()}`)
  await mkdir(data, { recursive: true })
  const port = options.port ?? (await freePort())
  const env = {
    ...process.env,
    VENDURE_DISABLE_TELEMETRY: 'true',
    PEER_PORT: String(port),
    PEER_DB: join(data, 'shop.sqlite'),
    PEER_USER: 'superadmin',
    PEER_PASSWORD: 'peer-password',
    PEER_TOKEN_METHOD: options.tokenMethod ?? 'bearer',
    PEER_TAX: options.tax ?? 'line',
    ...(options.hookUrl === undefined ? {} : { HOOK_URL: options.hookUrl, HOOK_SECRET: options.hookSecret ?? '' }),
  }
  await run(process.execPath, ['server/seed.js'], { cwd: home, env })
  const child = spawn(process.execPath, ['server/main.js'], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
  await ready(child)
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    adminApi: `${origin}/admin-api`,
    shopApi: `${origin}/shop-api`,
    username: 'superadmin',
    password: 'peer-password',
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        const late = setTimeout(() => child.kill('SIGKILL'), 5000)
        await gone
        clearTimeout(late)
      }
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Cache folder named after the lock file; `PEER_CACHE` moves it. */
async function install(): Promise<string> {
  const lock = await readFile(join(HERE, 'server/package-lock.json'))
  const cache = process.env['PEER_CACHE'] ?? join(homedir(), '.cache', 'channel-hub-peers')
  const home = join(cache, `vendure-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`)
  const stamp = join(home, 'installed')
  await mkdir(home, { recursive: true })
  if (!(await stat(stamp).catch(() => undefined))) {
    for (const file of ['package.json', 'package-lock.json']) await cp(join(HERE, 'server', file), join(home, file))
    process.stderr.write(`Installing Vendure into ${home} …\n`)
    await run('npm', ['ci', '--no-audit', '--no-fund', '--engine-strict=false'], { cwd: home, env: process.env })
    await writeFile(stamp, '')
  }
  await cp(join(HERE, 'server'), join(home, 'server'), { recursive: true })
  return home
}

function run(command: string, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`))))
  })
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const late = setTimeout(() => reject(new Error(`Vendure did not start within 60 s:\n${output}`)), 60_000)
    const look = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000)
      if (!output.includes('READY')) return
      clearTimeout(late)
      resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`Vendure ended with ${code}:\n${output}`))
    })
  })
}

/** A loopback port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No free port.'))))
    })
  })
}
