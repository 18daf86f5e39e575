import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Registry } from '../core/connector.ts'
import type { SecretBox } from '../store/envelope.ts'
import { createJob } from '../store/jobs.ts'
import type { HubWorkflows } from '../activities/ensure.ts'
import type { Log } from './log.ts'
import { connectSandbox, startSandbox, stockSandbox } from './sandbox.ts'
import type { Settings } from './settings.ts'

export interface RunningSandbox {
  stop(): Promise<void>
}

export interface SandboxDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly registry: Registry
  readonly settings: Settings
  readonly workflows: HubWorkflows
  readonly log: Log
  readonly say: (line: string) => void
}

const LISTINGS_WAIT_MS = 60_000

/** Runs the simulated channels where they are wanted: asked for, on an empty database, or there from the last start. */
export async function runSandbox(deps: SandboxDeps): Promise<RunningSandbox | undefined> {
  if (!(await wanted(deps))) return undefined
  deps.say('sandbox: starting simulated channels (remove them under Settings, or start with HUB_SANDBOX=0)')
  const sandbox = await startSandbox(deps.pool, deps.log)
  const connections = await connectSandbox(deps.pool, deps.box, deps.registry, sandbox)
  for (const id of connections) await deps.workflows.ensure(id)
  const stopping = new AbortController()
  const stocked = stockWhenListed(deps, connections, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'The sandbox got no stock.')
  })
  return {
    stop: async () => {
      stopping.abort()
      await stocked
      await sandbox.stop()
    },
  }
}

async function wanted({ pool, settings }: SandboxDeps): Promise<boolean> {
  if (settings.sandbox === 'off') return false
  if (settings.sandbox === 'on') return true
  const {
    rows: [row],
  } = await pool.query<{ untouched: boolean; present: boolean }>(
    `select not exists (select 1 from connections) and not exists (select 1 from jobs where kind = 'sandbox-remove') as untouched, exists (select 1 from connections where sandbox and state <> 'removed') as present`,
  )
  // Once somebody removed it, it stays away, although there may be no other connection yet.
  return row?.untouched === true || row?.present === true
}

/** The shops' own listings are read by the hub first; then the SKU master can be filled from them. */
async function stockWhenListed(deps: SandboxDeps, connections: readonly string[], signal: AbortSignal): Promise<void> {
  for (const started = Date.now(); Date.now() - started < LISTINGS_WAIT_MS; await sleep(500, undefined, { signal })) {
    const {
      rows: [row],
    } = await deps.pool.query<{ n: number }>('select count(distinct connection_id)::int as n from listings where connection_id = any($1)', [
      connections,
    ])
    if ((row?.n ?? 0) < connections.length) continue
    if (await stockSandbox(deps.pool, connections, new Date())) {
      await healUnbound(deps, connections)
      return
    }
  }
}

/** Orders that arrived before the SKU master was there are replayed through it. */
async function healUnbound(deps: SandboxDeps, connections: readonly string[]): Promise<void> {
  for (const connectionId of connections) {
    const job = await createJob(deps.pool, {
      kind: 'replay',
      connectionId,
      params: { filter: { connection: connectionId }, dry_run: false },
      createdBy: 'sandbox',
    })
    await deps.workflows.startJob(job.id)
  }
}
