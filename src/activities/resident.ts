import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity'
import type { Wake } from '../store/listen.ts'
import type { PushDesk } from './push-desk.ts'
import type { InboxDrain } from './receive.ts'

export interface ResidentDeps {
  readonly drain: InboxDrain
  readonly wake: Pick<Wake, 'wait'>
  /** Works beside the drain, as long as this worker is resident. */
  readonly desk?: PushDesk
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void }
}

/** Looks by itself at this pace where no notification arrives. */
const LOOK_MS = 250
const STAY_MS = 15 * 60_000
const PAUSE_AFTER_FAULT_MS = 500
/** Why a cancellation came: the workflow server did not hear from us, or was wiped and knows nothing of us. */
const LOST_SIGHT: ReadonlySet<string> = new Set(['TIMED_OUT', 'NOT_FOUND'])

/**
 * The resident activity: hot standby that drains every shard Postgres lets it lock, and tells channels their levels beside it. One loop per process; a new attempt
 * adopts it. It heartbeats from the loop, so a hung query shows. When only the workflow server lost sight of it
 * the loop goes on; it ends with the worker or a cancel.
 */
export function createResident(deps: ResidentDeps): { readonly resident: () => Promise<void>; readonly stop: () => Promise<void> } {
  let context: Context | undefined
  let stopping = false
  let loop: Promise<void> | undefined
  let leave: (() => void) | undefined

  const run = async (): Promise<void> => {
    while (!stopping) {
      try {
        await deps.drain.pass()
        context?.heartbeat()
        if (!deps.drain.more) await deps.wake.wait(LOOK_MS)
      } catch (error) {
        deps.log.warn('Draining the inbox failed; it goes on.', { error: error instanceof Error ? error.name : 'unknown' })
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAULT_MS))
      }
    }
  }
  const endLoop = async (): Promise<void> => {
    stopping = true
    await Promise.all([loop, deps.desk?.stop()])
    loop = undefined
    stopping = false
  }
  const stop = async (): Promise<void> => {
    leave?.()
    await endLoop()
  }

  const resident = async (): Promise<void> => {
    const mine = Context.current()
    context = mine
    loop ??= run()
    deps.desk?.start()
    // A normal return from time to time keeps the attempt count, and with it the backoff, small.
    const stay = STAY_MS * (1 + Math.random())
    let timer: NodeJS.Timeout | undefined
    const left = new Promise<'left'>((resolve) => {
      leave = () => resolve('left')
    })
    const stayed = new Promise<'stayed'>((resolve) => {
      timer = setTimeout(() => resolve('stayed'), stay)
    })
    try {
      // A worker that leaves hands its place over at once instead of letting the attempt time out.
      if ((await Promise.race([mine.cancelled, stayed, left])) === 'left')
        throw ApplicationFailure.create({ message: 'The worker leaves.', nextRetryDelay: '10ms' })
    } catch (error) {
      if (!(error instanceof CancelledFailure) || !LOST_SIGHT.has(error.message)) await endLoop()
      throw error
    } finally {
      clearTimeout(timer)
      if (context === mine) context = undefined
      leave = undefined
    }
  }
  return { resident, stop }
}
