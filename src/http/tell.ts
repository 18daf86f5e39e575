import type { HttpDeps } from './deps.ts'

/**
 * Tells the workflows that something changed. What changed is already in Postgres and they look for themselves sooner or
 * later, so a workflow server that is down only costs time and never fails the request.
 */
export async function tell(deps: HttpDeps, what: string, message: Promise<void>): Promise<void> {
  try {
    await message
  } catch (error) {
    deps.log.warn({ what, error: error instanceof Error ? error.name : 'unknown' }, 'The workflows could not be told and will find out by themselves')
  }
}
