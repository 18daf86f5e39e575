import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Kind of failure an activity ended with: `connection-unknown`, `channel-throttled`, …; undefined for timeouts and the like. */
export function failureType(error: unknown): string | undefined {
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) return error.cause.type ?? undefined
  return undefined
}

/** An activity that failed for good is news, not the end of a loop; anything else (cancellation, a bug) goes on up. */
export function rethrowUnlessActivity(error: unknown): void {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure || error.cause?.name === 'TimeoutFailure')) throw error
}
