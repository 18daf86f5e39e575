import { continueAsNew, proxyActivities } from '@temporalio/workflow'
import { RESIDENTS_QUEUE } from '../src/core/runs.ts'

const STAYS_PER_RUN = 50

/** A resident stays for a while and returns; where it ends otherwise the next attempt comes at once. */
const { resident } = proxyActivities<{ resident(): Promise<void> }>({
  taskQueue: RESIDENTS_QUEUE,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '100 milliseconds', backoffCoefficient: 1 },
})

/** Keeps one hot standby of the inbox drain alive, for ever. Who drains what is decided by Postgres. */
export async function receive(n: number): Promise<void> {
  for (let stay = 0; stay < STAYS_PER_RUN; stay += 1) await resident()
  await continueAsNew<typeof receive>(n)
}
