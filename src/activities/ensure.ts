import type { Client } from '@temporalio/client'
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type pg from 'pg'
import {
  CHANGED_SIGNAL,
  DAILY_ID,
  HUB_QUEUE,
  jobId,
  NOW_SIGNAL,
  pollId,
  PUSH_KINDS,
  pushId,
  receiveId,
  WAKE_SIGNAL,
  type PushKind,
} from '../core/runs.ts'
import { liveConnections } from '../store/deliver/open-connection.ts'
import { cancelJob, unfinishedJobs } from '../store/jobs.ts'

export interface WorkflowsDeps {
  readonly client: Client
  readonly pool: pg.Pool
}

/** Starts and wakes workflows. All of it is idempotent and rebuilt from Postgres: the workflow server may be wiped (I9). */
export interface HubWorkflows {
  /** Everything that should run: residents, a poll and a push per connection, unfinished jobs, the daily schedule. */
  ensureAll(residents: number): Promise<void>
  /** The same once more where the workflow server has lost what was started: wiped, or restored from an old backup. */
  revive(): Promise<void>
  /** A connection was made or changed: its workflows run and look at it again. */
  ensure(connectionId: string): Promise<void>
  /** One round now. */
  wakePull(connectionId: string): Promise<void>
  /** Packages, decisions, doubts and orders to read again are looked at now; levels need no word, their marks call. */
  wakePush(connectionIds: readonly string[], kinds?: readonly PushKind[]): Promise<void>
  startJob(id: string): Promise<void>
  /** Marks it cancelled; its present slice ends within one batch. */
  cancelJob(id: string): Promise<void>
}

const BESIDE_LEVELS = PUSH_KINDS.filter((kind) => kind !== 'stock')

const shared = { taskQueue: HUB_QUEUE, workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' } as const

export function createWorkflows(deps: WorkflowsDeps): HubWorkflows {
  const { workflow } = deps.client
  const signal = (type: string, id: string, args: unknown[], name: string, signalArgs: unknown[]): Promise<unknown> =>
    workflow.signalWithStart(type, { ...shared, workflowId: id, args, signal: name, signalArgs })
  const startJob = async (id: string): Promise<void> => {
    await started(() => workflow.start('job', { ...shared, workflowId: jobId(id), args: [id] }))
  }
  const ensure = async (connectionId: string): Promise<void> => {
    await signal('poll', pollId(connectionId), [connectionId], CHANGED_SIGNAL, [])
    await signal('push', pushId(connectionId), [connectionId], WAKE_SIGNAL, [[...PUSH_KINDS]])
  }
  let wanted = 0
  const ensureAll = async (residents: number): Promise<void> => {
    wanted = residents
    for (let n = 0; n < residents; n += 1) await started(() => workflow.start('receive', { ...shared, workflowId: receiveId(n), args: [n] }))
    for (const connection of await liveConnections(deps.pool)) await ensure(connection.id)
    for (const job of await unfinishedJobs(deps.pool)) await startJob(job.id)
    await ensureDaily(deps.client)
  }
  return {
    ensure,
    startJob,
    ensureAll,
    revive: async () => {
      if (wanted > 0 && !(await isRunning(deps.client, receiveId(0)))) await ensureAll(wanted)
    },
    wakePull: async (connectionId) => {
      await signal('poll', pollId(connectionId), [connectionId], NOW_SIGNAL, [])
    },
    wakePush: async (connectionIds, kinds = BESIDE_LEVELS) => {
      for (const id of connectionIds) await signal('push', pushId(id), [id, []], WAKE_SIGNAL, [[...kinds]])
    },
    cancelJob: async (id) => {
      await cancelJob(deps.pool, id)
    },
  }
}

async function isRunning(client: Client, id: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/** Somebody else started it in the same moment: that is what was wanted. */
async function started(start: () => Promise<unknown>): Promise<void> {
  try {
    await start()
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}

/** At a quiet hour for Asia and Europe alike; after an outage a run that is minutes late is made up, an older one is not. */
async function ensureDaily(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: DAILY_ID,
      spec: { calendars: [{ hour: 20, minute: 17 }], timezone: 'UTC' },
      policies: { catchupWindow: '10 minutes', overlap: ScheduleOverlapPolicy.SKIP },
      action: { type: 'startWorkflow', workflowType: 'daily', workflowId: DAILY_ID, taskQueue: HUB_QUEUE },
    })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}

/** Ends the workflows of a connection that is gone for good. */
export async function endWorkflows(client: Client, connectionId: string): Promise<void> {
  for (const id of [pollId(connectionId), pushId(connectionId)]) {
    try {
      await client.workflow.getHandle(id).cancel()
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  }
}
