import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { end, forget, freePort, install, ready, run } from '../install.ts'

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
  const home = await install({ name: 'vendure', folder: join(HERE, 'server'), into: 'server' })
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
  await ready(child, /READY/)
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    adminApi: `${origin}/admin-api`,
    shopApi: `${origin}/shop-api`,
    username: 'superadmin',
    password: 'peer-password',
    pid: child.pid ?? 0,
    async stop() {
      await end(child)
      await forget(data)
    },
  }
}
