import { condition, continueAsNew, defineSignal, isCancellation, patched, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import type { HubActivities } from '../src/activities/index.ts'
import { CHANGED_SIGNAL, NOW_SIGNAL } from '../src/core/runs.ts'
import { rethrowUnlessActivity } from './failures.ts'

const ROUNDS_PER_RUN = 200
/** Signals lengthen a history too: a run that is called all the time ends before its rounds are up. */
const EVENTS_PER_RUN = 2_000
/** Care is not cut off by the end of a run, within this. */
const EVENTS_AT_MOST = 3_000
const WAIT_AFTER_FAILURE_SECONDS = 60
const WAIT_WHILE_PAUSED_SECONDS = 3600

const { pollRound } = proxyActivities<HubActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '60 seconds', maximumAttempts: 5 },
})
const { careFor } = proxyActivities<HubActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '10 seconds', maximumInterval: '5 minutes', maximumAttempts: 3 },
})

export const nowSignal = defineSignal(NOW_SIGNAL)
export const changedSignal = defineSignal(CHANGED_SIGNAL)

/**
 * Reads one connection for ever: a round over all its streams, a wait, the next. `now` is a round that was asked for. Care goes
 * on beside the rounds: a channel with many listings, or one that hangs on them, holds no order up.
 */
export async function poll(connectionId: string, now = false): Promise<void> {
  let asked = now
  let changed = false
  setHandler(nowSignal, () => {
    asked = true
  })
  setHandler(changedSignal, () => {
    changed = true
  })
  let probe = false
  let caring = false
  const goesOn = (round: number): boolean =>
    caring ? workflowInfo().historyLength < EVENTS_AT_MOST : round < ROUNDS_PER_RUN && workflowInfo().historyLength < EVENTS_PER_RUN
  for (let round = 0; goesOn(round); round += 1) {
    const force = asked
    asked = false
    changed = false
    const report = await roundOf(connectionId, { force, probe })
    if (report.outcome === 'gone') return
    if (report.care && !caring) {
      caring = true
      const done = care(connectionId).finally(() => (caring = false))
      if (!patched('care-beside-rounds')) await done
    }
    if (report.more) continue
    const waitSeconds = report.outcome === 'paused' ? WAIT_WHILE_PAUSED_SECONDS : report.waitSeconds
    const heard = await condition(() => asked || changed, waitSeconds * 1000)
    probe = !heard && report.outcome === 'stopped'
  }
  await continueAsNew<typeof poll>(connectionId, asked)
}

async function roundOf(
  connectionId: string,
  options: { readonly force: boolean; readonly probe: boolean },
): Promise<Awaited<ReturnType<typeof pollRound>>> {
  try {
    return await pollRound(connectionId, options)
  } catch (error) {
    rethrowUnlessActivity(error)
    // What stopped it is on record with the connection; a probe finds out whether it is over.
    return { outcome: options.probe ? 'stopped' : 'pulled', seen: 0, more: false, care: false, waitSeconds: WAIT_AFTER_FAILURE_SECONDS }
  }
}

async function care(connectionId: string): Promise<void> {
  try {
    await careFor(connectionId)
  } catch (error) {
    // The loop ends by a cancellation itself.
    if (!isCancellation(error)) rethrowUnlessActivity(error)
  }
}
