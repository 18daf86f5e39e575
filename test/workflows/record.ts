import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Client } from '@temporalio/client'

const folder = new URL('./histories/', import.meta.url)

/** Keeps the longest run of each workflow as a file to replay: run the loop test with HUB_RECORD_HISTORIES=1 after a deliberate change. */
export async function recordHistories(client: Client): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const longest = new Map<string, { readonly length: number; readonly workflowId: string; readonly runId: string }>()
  for await (const run of client.workflow.list()) {
    const length = run.historyLength
    if (length > (longest.get(run.type)?.length ?? 0) && length < 2_000)
      longest.set(run.type, { length, workflowId: run.workflowId, runId: run.runId })
  }
  for (const [type, { workflowId, runId }] of longest) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    writeFileSync(new URL(`${type}.json`, folder), `${JSON.stringify(plain(history.events), undefined, 1)}\n`)
  }
}

/** Which machine and build ran it is nobody's business and would make every recording differ. */
const PLACES: ReadonlySet<string> = new Set([
  'identity',
  'binaryChecksum',
  'buildId',
  'sdkMetadata',
  'workerVersion',
  'deploymentVersion',
  'versioningBehavior',
  'workerDeploymentName',
])

/** Bytes as base64; 64-bit numbers stay pairs of 32 bits and enums numbers, which is what the replayer encodes again. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'string' && /^\d+@/.test(value)) return 'worker' // a sticky queue is named after process and machine
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
      PLACES.has(name) || part === null || part === undefined ? [] : [[name, plain(part)]],
    ),
  )
}

/** A recorded run as the replayer takes it. */
export const readHistory = (name: string): { readonly events: unknown } => ({
  events: JSON.parse(readFileSync(new URL(name, folder), 'utf8'), (_, value: unknown) =>
    typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string'
      ? new Uint8Array(Buffer.from(value.$bytes, 'base64'))
      : value,
  ),
})
