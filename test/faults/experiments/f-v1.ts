import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { z } from 'zod'
import { readHistory } from '../../workflows/record.ts'
import { busyWorld, changes } from '../busy.ts'
import type { Experiment } from '../experiment.ts'
import { eventually } from '../wait.ts'
import type { World } from '../world.ts'

type History = Parameters<typeof Worker.runReplayHistory>[1]
interface Recorded {
  readonly name: string
  readonly type: string
  readonly history: History
}

const KINDS = ['daily', 'job', 'poll', 'push', 'receive']

/** Every run this hub has had so far. */
async function live(world: World): Promise<readonly Recorded[]> {
  const link = await Connection.connect({ address: world.temporal.address })
  try {
    const client = new Client({ connection: link, namespace: 'channel-hub' })
    await client.schedule.getHandle('daily').trigger()
    await eventually('the daily run', async () =>
      (await client.workflow.count(`WorkflowType = 'daily' AND ExecutionStatus = 'Completed'`)).count > 0 ? true : undefined,
    )
    const runs: Recorded[] = []
    for await (const run of client.workflow.list())
      runs.push({ name: run.workflowId, type: run.type, history: await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory() })
    return runs
  } finally {
    await link.close()
  }
}

/** The runs that code would not have taken the same way. */
async function differing(bundle: WorkflowBundle, runs: readonly Recorded[]): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const { name, history } of runs) {
    const error = await Worker.runReplayHistory({ workflowBundle: bundle }, history, name).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    if (error !== undefined) wrong.push(`${name}: ${error instanceof Error ? error.name : 'failed'}`)
  }
  return wrong
}

export const experiment: Experiment = {
  id: 'F-V1',
  title: "recorded and fresh histories replay with today's code; a reordered step is caught",
  minutes: 1,
  async run(rig) {
    const { world, connection, quiet } = await busyWorld(rig, 10)
    await world.hub.post(`/v1/connections/${connection}/listings/refresh`, undefined, z.unknown())
    await eventually('work to look back on', async () => ((await changes(world)) >= 60 ? true : undefined), 90)
    await quiet()
    const folder = new URL('../../workflows/histories/', import.meta.url)
    const kept = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name): Recorded => ({ name, type: name.split('.')[0] ?? name, history: readHistory(name) }))
    const runs = [...kept, ...(await live(world))]
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] })
    const bundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    })
    const wrong = await differing(bundle, runs)
    const changed = bundle.code.replace('await keepHouse();', '')
    const caught = await differing({ code: changed }, runs)
    const daily = runs.filter((run) => run.type === 'daily')
    const missing = KINDS.filter((kind) => !runs.some((run) => run.type === kind))
    return {
      faults: 1,
      lost: 0,
      doubled: 0,
      pass: wrong.length === 0 && missing.length === 0 && changed !== bundle.code && daily.length > 0 && caught.length === daily.length,
      notes: [
        `${runs.length} runs replayed, ${runs.length - kept.length} of them made just now`,
        `the changed code was refused for ${caught.length} of ${daily.length} runs of the workflow it changed`,
        ...(missing.length === 0 ? [] : [`no run of ${missing.join(', ')}`]),
        ...wrong.slice(0, 3),
      ],
    }
  },
}
