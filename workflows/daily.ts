import { proxyActivities } from '@temporalio/workflow'
import type { HubActivities } from '../src/activities/index.ts'
import { rethrowUnlessActivity } from './failures.ts'

const { listConnections, keepHouse } = proxyActivities<HubActivities>({ startToCloseTimeout: '5 minutes', retry: { maximumAttempts: 5 } })
const { sweepConnection } = proxyActivities<HubActivities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '2 minutes',
  retry: { initialInterval: '30 seconds', maximumInterval: '10 minutes', maximumAttempts: 4 },
})

/** Once a day: house-keeping, then every connection is asked which orders it changed; one that fails stops no other. */
export async function daily(): Promise<{ readonly listed: number; readonly missing: number; readonly failed: number }> {
  await keepHouse()
  let total = { listed: 0, missing: 0, failed: 0 }
  for (const connectionId of await listConnections()) {
    try {
      const report = await sweepConnection(connectionId)
      total = { ...total, listed: total.listed + report.listed, missing: total.missing + report.missing }
    } catch (error) {
      rethrowUnlessActivity(error)
      total = { ...total, failed: total.failed + 1 }
    }
  }
  return total
}
