import { allHandlersFinished, condition, continueAsNew, defineSignal, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import type { HubActivities } from '../src/activities/index.ts'
import { PUSH_KINDS, WAKE_SIGNAL, type PushKind } from '../src/core/runs.ts'
import { failureType, rethrowUnlessActivity } from './failures.ts'

const ROUNDS_PER_RUN = 400
/** Wake-ups lengthen a history too: a run that is woken all the time ends before its rounds are up. */
const EVENTS_PER_RUN = 2_500
/** Looks by itself this often, should a wake-up ever get lost. */
const BACKSTOP = '15 minutes'
/** After an answer that asks for a person: not again at once. */
const WAIT_FOR_PERSON = '5 minutes'
const WAIT_AFTER_FAULTS = '30 seconds'

/** Shorter than the lease of a write on the wire, so that a claimed write never outlives its activity unnoticed. */
const activities = proxyActivities<HubActivities>({
  startToCloseTimeout: '290 seconds',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '60 seconds', maximumAttempts: 6 },
})

export const wakeSignal = defineSignal<[readonly PushKind[]]>(WAKE_SIGNAL)

/**
 * Outbound work of one connection: levels, packages and decisions, doubts, orders to read again. Each kind has a loop of
 * its own; wake-ups that arrive while one is at work are one more round, however many they were.
 */
export async function push(connectionId: string, waiting: readonly PushKind[] = PUSH_KINDS): Promise<void> {
  const woken = new Set<PushKind>(waiting)
  let rounds = 0
  let gone = false
  setHandler(wakeSignal, (kinds) => {
    for (const kind of kinds) woken.add(kind)
  })
  const full = (): boolean => rounds >= ROUNDS_PER_RUN || workflowInfo().historyLength >= EVENTS_PER_RUN || gone
  const loop = async (kind: PushKind): Promise<void> => {
    while (!full()) {
      await condition(() => woken.has(kind) || full(), BACKSTOP)
      if (full()) return
      woken.delete(kind)
      rounds += 1
      const outcome = await work(connectionId, kind)
      if (outcome === 'more') woken.add(kind)
      if (outcome === 'gone') gone = true
      if (outcome === 'wait') await Promise.race([sleep(WAIT_AFTER_FAULTS), condition(full)])
      if (outcome === 'person') await Promise.race([sleep(WAIT_FOR_PERSON), condition(full)])
    }
  }
  await Promise.all(PUSH_KINDS.map(loop))
  if (gone) return
  await condition(allHandlersFinished)
  await continueAsNew<typeof push>(connectionId, [...woken])
}

async function work(connectionId: string, kind: PushKind): Promise<'idle' | 'more' | 'wait' | 'person' | 'gone'> {
  try {
    const { more } = await run(connectionId, kind)
    return more ? 'more' : 'idle'
  } catch (error) {
    rethrowUnlessActivity(error)
    const type = failureType(error)
    if (type === 'connection-unknown') return 'gone'
    return type === 'channel-unauthorized' || type === 'channel-misconfigured' ? 'person' : 'wait'
  }
}

function run(connectionId: string, kind: PushKind): Promise<{ readonly more: boolean }> {
  switch (kind) {
    case 'stock':
      return activities.pushStock(connectionId)
    case 'effects':
      return activities.pushEffects(connectionId)
    case 'settle':
      return activities.settleDoubt(connectionId)
    case 'fetch':
      return activities.drainFetches(connectionId)
  }
}
