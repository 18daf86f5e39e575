import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Client } from '@temporalio/client'

const folder = new URL('./histories/', import.meta.url)

/** Keeps the longest run of each workflow as a file to replay: run the loop test with HUB_RECORD_HISTORIES=1 after a deliberate change. */
export async function recordHistories(client: Client): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const longest = new Map<string, { readonly length: number; readonly workflowId: string; readonly runId: string }>()
  for await (const run of client.workflow.list()) {
    const length = run.historyLength
    if (length > (longest.get(run.type)?.length ?? 0) && length < 2_000) longest.set(run.type, { length, workflowId: run.workflowId, runId: run.runId })
  }
  for (const [type, { workflowId, runId }] of longest) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    writeFileSync(new URL(`${type}.json`, folder), `${JSON.stringify(history.events, plain, 1)}\n`)
  }
}

/** Which machine and build ran it is nobody's business and would make every recording differ. */
const PLACES: ReadonlySet<string> = new Set(['identity', 'binaryChecksum', 'buildId', 'sdkMetadata', 'workerVersion', 'deploymentVersion', 'versioningBehavior', 'workerDeploymentName'])

/** Bytes as base64; 64-bit numbers stay pairs of 32, empty fields go. */
function plain(name: string, value: unknown): unknown {
  if (PLACES.has(name) || value === null) return undefined
  if (typeof value === 'object' && 'type' in value && 'data' in value && value.type === 'Buffer' && Array.isArray(value.data)) return { $bytes: Buffer.from(value.data).toString('base64') }
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value
}

/** A recorded run as the replayer takes it. */
export const readHistory = (name: string): { readonly events: unknown } => ({
  events: JSON.parse(readFileSync(new URL(name, folder), 'utf8'), (_, value: unknown) =>
    typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string' ? new Uint8Array(Buffer.from(value.$bytes, 'base64')) : value,
  ),
})
