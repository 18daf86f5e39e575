import { spawn } from 'node:child_process'
import { chmod, mkdtemp, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../../src/app/services/postgres.ts'
import { end, forget, freePort, install, ready, run } from '../install.ts'

export interface Peer {
  readonly origin: string
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
}

const USER = 'admin@example.com'
const PASSWORD = 'peer-password'

/**
 * A Medusa of its own on a free loopback port with telemetry off, beside a PostgreSQL of its own. The first start installs the
 * packages (700 MB, some minutes) and makes the tables; later ones begin with a copy of those.
 */
export async function startPeer(options: PeerOptions = {}): Promise<Peer> {
  const home = await install({ name: 'medusa', folder: join(import.meta.dirname, 'server'), into: '', npm: ['--legacy-peer-deps'] })
  const data = await mkdtemp(join(tmpdir(), 'medusa-peer-'))
  await chmod(data, 0o711)
  const fresh = join(home, 'fresh-database')
  const isFresh = (await stat(join(fresh, 'pg.password')).catch(() => undefined)) !== undefined
  // PostgreSQL's own account owns the files: only `cp -a` keeps that.
  if (isFresh) await run('cp', ['-a', `${fresh}/.`, data], { cwd: home, env: process.env })
  const start = () => startPostgres({ dataDir: join(data, 'pg'), log: () => undefined, config: ['fsync=off', 'max_connections=200'] })
  let postgres = await start()
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env, NODE_ENV: 'production', MEDUSA_DISABLE_TELEMETRY: 'true', DATABASE_URL: postgres.url,
    ...(options.hookUrl === undefined ? {} : { HOOK_URL: options.hookUrl, HOOK_SECRET: options.hookSecret ?? '' }),
  })
  const medusa = join(home, 'node_modules/@medusajs/cli/cli.js')
  if (!isFresh) {
    await run(process.execPath, [medusa, 'db:migrate'], { cwd: home, env: env() })
    await run(process.execPath, [medusa, 'user', '-e', USER, '-p', PASSWORD], { cwd: home, env: env() })
    await postgres.stop()
    await forget(fresh)
    await run('cp', ['-a', data, fresh], { cwd: home, env: process.env })
    postgres = await start()
  }
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, [medusa, 'start', '-p', String(port), '-H', '127.0.0.1'], { cwd: home, env: env(), stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = async (): Promise<void> => {
    await end(child)
    await postgres.stop()
    await forget(data)
  }
  try {
    await ready(child, /Server is ready on/)
  } catch (error) {
    await stop()
    throw error
  }
  return { origin: `http://127.0.0.1:${port}`, username: USER, password: PASSWORD, pid: child.pid ?? 0, stop }
}
