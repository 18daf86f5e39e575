import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readRunNote } from '../src/app/services/run-note.ts'

/**
 * Backfill of simulated WooCommerce orders into a freshly started hub, everything on: encryption, checks, reservations,
 * feed, workflows. Prints orders per second and CPU seconds per 1,000 orders of hub, PostgreSQL and Temporal; then an
 * unchanged second run. The simulator's own CPU is left out.
 *
 *   npx tsx bench/backfill.ts [--orders 20000] [--json] [--profile DIR]
 */
const { values } = parseArgs({
  options: { orders: { type: 'string', default: '20000' }, json: { type: 'boolean', default: false }, profile: { type: 'string' } },
})
const ORDERS = Number(values.orders)
const root = fileURLToPath(new URL('..', import.meta.url))
const TICKS = 100

interface Measured {
  readonly orders_per_second: number
  readonly seconds: number
  readonly cpu_seconds_per_1000: { readonly hub: number; readonly postgres: number; readonly temporal: number; readonly all: number }
  readonly stored: number
  readonly result: unknown
}

const round = (value: number): number => Math.round(value * 1000) / 1000
const rssOf = (pid: number): number => stat(pid)?.rss ?? 0
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const home = await mkdtemp(join(tmpdir(), 'hub-bench-'))
// As root PostgreSQL runs under another account, which has to pass through.
await chmod(home, 0o711)
const children: ChildProcess[] = []
try {
  const report = await run()
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${JSON.stringify(report, null, 2)}\n`)
} finally {
  for (const child of children.toReversed()) await ended(child)
  await rm(home, { recursive: true, force: true })
}

async function run(): Promise<{ readonly orders: number; readonly initial: Measured; readonly rerun: Measured; readonly hub_rss_mb: number }> {
  const shop = launch(['sandbox/main.ts', '--shops', 'woo-1', '--orders', String(ORDERS)], {})
  const shopUrl = await lineOf(shop, /^ready (\S+)/)
  const hub = launch(['src/app/cli.ts', 'start'], { HUB_HOME: home, HUB_SANDBOX: '0', HUB_LOG_LEVEL: 'error' })
  const url = await lineOf(hub, /^ready (\S+)/)
  const note = await readRunNote(home)
  const key = readFileSync(join(home, 'cli.key'), 'utf8').trim()
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Record<string, unknown>
  }
  const [served] = (await (await fetch(`${shopUrl}/__control`)).json()) as readonly { url: string; credentials: Record<string, string> }[]
  const connection = await call('POST', '/v1/connections', {
    channel: 'woocommerce',
    name: 'bench',
    config: { url: served?.url },
    secrets: served?.credentials,
    timezone: 'UTC',
    currency: 'USD',
    start_from: new Date().toISOString(),
  })
  const pids = { hub: note?.pid ?? 0, ...servers() }
  const measure = async (label: string): Promise<Measured> => {
    say(`bench: ${label}`)
    const before = cpuOf(pids)
    const started = performance.now()
    const job = await call('POST', `/v1/connections/${String(connection['id'])}/backfill`, {
      from: new Date(Date.now() - 400 * 86_400_000).toISOString(),
      to: new Date().toISOString(),
    })
    let view = job
    while (view['state'] !== 'done') {
      if (view['state'] === 'failed') throw new Error(String(view['message']))
      await new Promise((resolve) => setTimeout(resolve, 100))
      view = await call('GET', `/v1/jobs/${String(job['id'])}`)
    }
    const seconds = (performance.now() - started) / 1000
    const after = cpuOf(pids)
    const per = (name: keyof typeof after): number => round(((after[name] - before[name]) / ORDERS) * 1000)
    const cpu = { hub: per('hub'), postgres: per('postgres'), temporal: per('temporal') }
    return {
      orders_per_second: Math.round(ORDERS / seconds),
      seconds: round(seconds),
      cpu_seconds_per_1000: { ...cpu, all: round(cpu.hub + cpu.postgres + cpu.temporal) },
      stored: Number(view['done']),
      result: view['result'],
    }
  }
  const initial = await measure(`backfill of ${ORDERS} orders`)
  const rerun = await measure('the same again, unchanged')
  return { orders: ORDERS, initial, rerun, hub_rss_mb: Math.round(rssOf(pids.hub) / 1e6) }
}

function launch(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(
    process.execPath,
    [...(values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile]), '--import', 'tsx', ...args],
    { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  children.push(child)
  return child
}

function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`A process ended with ${code}.`)))
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      const hit = pattern.exec(line)?.[1]
      if (hit !== undefined) resolve(hit)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve))
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await exit
  }
}

/** The servers this hub started: the postmaster and Temporal whose command lines name our data directory. */
function servers(): { readonly postgres: number; readonly temporal: number } {
  const found = processes().filter(({ args }) => args.includes(home))
  return {
    postgres: found.find(({ args }) => /postgres/.test(args.split(' ')[0] ?? ''))?.pid ?? 0,
    temporal: found.find(({ args }) => args.includes('start-dev'))?.pid ?? 0,
  }
}

function processes(): readonly { readonly pid: number; readonly args: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), args: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
      } catch {
        return [] // ended meanwhile
      }
    })
}

function stat(pid: number): { readonly parent: number; readonly own: number; readonly reaped: number; readonly rss: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return {
      parent: fields[1] ?? 0,
      own: (fields[11] ?? 0) + (fields[12] ?? 0),
      reaped: (fields[13] ?? 0) + (fields[14] ?? 0),
      rss: (fields[21] ?? 0) * 4096,
    }
  } catch {
    return undefined
  }
}

/** CPU seconds so far; of PostgreSQL with all its backends, living and ended. */
function cpuOf(pids: { readonly hub: number; readonly postgres: number; readonly temporal: number }): {
  readonly hub: number
  readonly postgres: number
  readonly temporal: number
} {
  const own = (pid: number): number => (stat(pid)?.own ?? 0) / TICKS
  const master = stat(pids.postgres)
  const backends = processes().reduce((sum, { pid }) => sum + (stat(pid)?.parent === pids.postgres ? (stat(pid)?.own ?? 0) : 0), 0)
  return { hub: own(pids.hub), temporal: own(pids.temporal), postgres: ((master?.own ?? 0) + (master?.reaped ?? 0) + backends) / TICKS }
}
