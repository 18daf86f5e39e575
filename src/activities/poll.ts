import { ChannelError } from '../core/fault.ts'
import type { StoredConnection } from '../store/deliver/open-connection.ts'
import { careDue, type CareDeps } from './care.ts'
import { noteReadFault, noteSuccess } from './connection-health.ts'
import { reckon } from './quota.ts'
import { pullRound, type OpenedConnection, type PullBudget, type PullReport } from './pull.ts'

/** What the poll workflow needs to know to plan its next round. */
export interface RoundReport {
  readonly outcome: 'pulled' | 'paused' | 'stopped' | 'gone' | 'nothing-to-pull'
  readonly seen: number
  /** Pages are left: go on at once. */
  readonly more: boolean
  readonly waitSeconds: number
  /** Listings or webhooks want to be looked after. */
  readonly care: boolean
}

/** A connection that was stopped by a fault is tried again this often, in case the cause went away by itself. */
const PROBE_SECONDS = 900
const LONGEST_QUIET_SECONDS = 900
const QUIET_AFTER_MS = 30 * 60_000

/** One round of a connection: nothing while it is paused; a stopped one is only probed. */
export async function pollRound(
  deps: CareDeps,
  connectionId: string,
  options: { readonly force: boolean; readonly probe: boolean },
  budget: PullBudget,
): Promise<RoundReport> {
  const idle = { seen: 0, more: false, care: false, waitSeconds: PROBE_SECONDS } as const
  const opened = await openOrNote(deps, connectionId, budget.signal)
  if (opened === 'gone') return { ...idle, outcome: 'gone' }
  if (opened === 'stopped') return { ...idle, outcome: 'stopped' }
  const { stored, connector } = opened
  if (stored.state === 'paused') return { ...idle, outcome: 'paused' }
  if (stored.state !== 'active' && !options.probe && !options.force) return { ...idle, outcome: 'stopped' }
  if (!connector.pullOrders) return { ...idle, outcome: 'nothing-to-pull', care: await careDue(deps, opened) }
  const report = await pullNoting(deps, stored, budget, options.force || stored.poll_seconds !== null)
  await noteSuccess(deps, connectionId, 'pull')
  await reckon(deps, opened)
  return { outcome: 'pulled', seen: report.seen, more: report.more, waitSeconds: waitOf(deps, opened, report), care: await careDue(deps, opened) }
}

async function openOrNote(
  deps: CareDeps,
  connectionId: string,
  signal: AbortSignal,
): Promise<(OpenedConnection & { readonly stored: StoredConnection }) | 'gone' | 'stopped'> {
  const known = await deps.findConnection(connectionId)
  if (!known) return 'gone'
  try {
    return await deps.openStored(connectionId, signal)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    await noteReadFault(deps, known, 'pull', error.fault)
    return 'stopped'
  }
}

async function pullNoting(deps: CareDeps, stored: StoredConnection, budget: PullBudget, force: boolean): Promise<PullReport> {
  try {
    return await pullRound(deps, stored.id, budget, force)
  } catch (error) {
    if (error instanceof ChannelError) await noteReadFault(deps, stored, 'pull', error.fault)
    throw error
  }
}

/** The shortest of its streams' paces; a quiet connection whose webhooks are healthy is asked less often. */
function waitOf(deps: CareDeps, { connector, stored }: OpenedConnection & { readonly stored: StoredConnection }, report: PullReport): number {
  if (stored.poll_seconds !== null) return stored.poll_seconds
  const paces = connector.manifest.capabilities.pullOrders?.streams.map((stream) => stream.everySeconds) ?? []
  const base = Math.max(5, Math.min(...paces, PROBE_SECONDS))
  const settled = deps.now().getTime() - Date.parse(stored.state_since) > QUIET_AFTER_MS
  const quiet = stored.webhook_healthy && settled && report.seen === 0
  return quiet ? Math.min(LONGEST_QUIET_SECONDS, base * 5) : base
}
