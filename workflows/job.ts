import { ActivityFailure, continueAsNew, proxyActivities } from '@temporalio/workflow'
import type { HubActivities } from '../src/activities/index.ts'
import { rethrowUnlessActivity } from './failures.ts'

const STEPS_PER_RUN = 200

const { jobStep } = proxyActivities<HubActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '2 minutes', maximumAttempts: 12 },
})
const { failJob } = proxyActivities<HubActivities>({ startToCloseTimeout: '30 seconds' })

/** Runs a job slice by slice; position, progress and cancelling live in its row. */
export async function job(id: string): Promise<void> {
  for (let step = 0; step < STEPS_PER_RUN; step += 1) {
    try {
      const { more } = await jobStep(id)
      if (!more) return
    } catch (error) {
      rethrowUnlessActivity(error)
      await failJob(id, error instanceof ActivityFailure ? (error.cause?.message ?? 'The job failed.') : 'The job failed.')
      return
    }
  }
  await continueAsNew<typeof job>(id)
}
