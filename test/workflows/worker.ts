import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { inject } from 'vitest'
import { createWorkflows, type HubWorkflows } from '../../src/activities/ensure.ts'
import { createActivities, deskDeps } from '../../src/activities/index.ts'
import { createDesk } from '../../src/activities/push-desk.ts'
import { InboxDrain } from '../../src/activities/receive.ts'
import { createResident } from '../../src/activities/resident.ts'
import { startWaker } from '../../src/activities/waker.ts'
import { HUB_QUEUE, RESIDENTS_QUEUE } from '../../src/core/runs.ts'
import { eventually, type TestHub } from './hub.ts'

export const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url))

let bundle: Promise<WorkflowBundle> | undefined
export const workflowBundle = (): Promise<WorkflowBundle> => (bundle ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }))

export interface TestWorker {
  readonly client: Client
  readonly workflows: HubWorkflows
  /** Ends every workflow and the schedule, as if the workflow server had been wiped. */
  wipe(): Promise<void>
  stop(): Promise<void>
}

const QUIET_WAKE = { wait: (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)) }

/** Runs a hub's workflows and activities against the test server, in a namespace of its own. */
export async function startTestWorker(hub: TestHub): Promise<TestWorker> {
  quietRuntime()
  const { address } = inject('temporal')
  const native = await NativeConnection.connect({ address })
  const connection = await Connection.connect({ address })
  const namespace = await freshNamespace(connection)
  const client = new Client({ connection, namespace })
  const drain = new InboxDrain({
    ...hub.deps,
    contextOf: (id) => hub.channels.contextOf(id),
    log: { warn: () => undefined },
  })
  const desk = createDesk(deskDeps(hub.deps, QUIET_WAKE))
  const residents = createResident({ drain, wake: QUIET_WAKE, desk, log: { warn: () => undefined } })
  const common = { connection: native, namespace, shutdownGraceTime: '2 seconds' } as const
  const worker = await Worker.create({
    ...common,
    taskQueue: HUB_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: { ...createActivities(hub.deps) },
  })
  const resident = await Worker.create({
    ...common,
    taskQueue: RESIDENTS_QUEUE,
    activities: { resident: residents.resident },
    maxConcurrentActivityTaskExecutions: 1,
  })
  const runs = [worker.run(), resident.run()]
  const workflows = createWorkflows({ client, pool: hub.pool })
  const waker = startWaker({ pool: hub.pool, workflows, now: hub.now, log: hub.deps.log })
  const wipe = (): Promise<void> => wipeServer(client)
  return {
    client,
    workflows,
    wipe,
    stop: async () => {
      await waker.stop()
      await wipe()
      worker.shutdown()
      resident.shutdown()
      await Promise.all(runs)
      await residents.stop()
      await connection.close()
      await native.close()
    },
  }
}

async function freshNamespace(connection: Connection): Promise<string> {
  const namespace = `test-${randomBytes(6).toString('hex')}`
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') })
  const client = new Client({ connection, namespace })
  // It takes a moment until every part of the server has heard of a new namespace.
  await eventually('the namespace', async () => {
    try {
      return (await client.workflow.count('')).count >= 0 ? true : undefined
    } catch {
      return undefined
    }
  })
  return namespace
}

async function wipeServer(client: Client): Promise<void> {
  await client.schedule
    .getHandle('daily')
    .delete()
    .catch(() => undefined)
  for await (const run of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    await client.workflow
      .getHandle(run.workflowId)
      .terminate('test')
      .catch(() => undefined)
  }
}

let quiet = false
export function quietRuntime(): void {
  if (quiet) return
  quiet = true
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
}
