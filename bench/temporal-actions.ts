import { Client, Connection } from '@temporalio/client'
import type { Hub } from './hub-process.ts'

/** What the workflow server would bill, by the rules Temporal publishes for its cloud. */
export interface Actions {
  readonly total: number
  /** Kinds of events and how many of them were billed. */
  readonly of: Readonly<Record<string, number>>
}

/**
 * Event of a history → what it bills. A start, also by continue-as-new, is one; each attempt of an activity is one (the
 * started event says which attempt it was); a signal, a timer, an update and a child are one each; a Schedule's run is
 * three, two of them beside the start of its workflow.
 */
const BILLED: Readonly<Record<string, string>> = {
  workflowExecutionStartedEventAttributes: 'starts',
  activityTaskStartedEventAttributes: 'activities',
  workflowExecutionSignaledEventAttributes: 'signals',
  timerStartedEventAttributes: 'timers',
  workflowExecutionUpdateAcceptedEventAttributes: 'updates',
  startChildWorkflowExecutionInitiatedEventAttributes: 'children',
  markerRecordedEventAttributes: 'markers',
  upsertWorkflowSearchAttributesEventAttributes: 'search attributes',
}

/** An activity that heartbeats reaches the server at most this often: four fifths of the shortest heartbeat timeout in use, 30 s. */
const HEARTBEAT_SECONDS = 24

/** Counts the histories of every workflow this hub ever ran. Heartbeats leave no event: an upper bound by running time is added. */
export async function actionsOf(hub: Hub): Promise<Actions> {
  const connection = await Connection.connect({ address: hub.temporal.address })
  try {
    const client = new Client({ connection, namespace: hub.temporal.namespace })
    const of: Record<string, number> = {}
    const add = (kind: string, count: number): void => void (of[kind] = (of[kind] ?? 0) + count)
    for await (const run of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
      if (run.workflowId.startsWith('daily')) add('schedule runs', 2)
      const running = new Map<string, number>()
      for (const event of events ?? []) {
        const at = Number(event.eventTime?.seconds ?? 0)
        for (const [name, kind] of Object.entries(BILLED)) if (name in event && Reflect.get(event, name) !== null) add(kind, 1)
        const started = event.activityTaskStartedEventAttributes
        if (started) {
          add('activities', Math.max(0, (started.attempt ?? 1) - 1))
          running.set(String(started.scheduledEventId), at)
        }
        const ended =
          event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
        if (ended) add('heartbeats at most', heartbeats(running, String(ended.scheduledEventId), at))
      }
      const pending = await client.workflow.getHandle(run.workflowId, run.runId).describe()
      for (const activity of pending.raw.pendingActivities ?? []) {
        add('activities', activity.attempt ?? 1)
        const since = Number(activity.lastStartedTime?.seconds ?? 0)
        if (since > 0) add('heartbeats at most', 1 + Math.floor((Date.now() / 1000 - since) / HEARTBEAT_SECONDS))
      }
    }
    return { total: Object.values(of).reduce((sum, count) => sum + count, 0), of }
  } finally {
    await connection.close()
  }
}

/** The first heartbeat goes out at once, the others when the time is over. */
function heartbeats(running: Map<string, number>, id: string, at: number): number {
  const since = running.get(id)
  running.delete(id)
  return since === undefined ? 0 : 1 + Math.floor((at - since) / HEARTBEAT_SECONDS)
}
