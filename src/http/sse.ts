import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpLog } from './deps.ts'
import { describeError } from './describe-error.ts'

export interface ServerEvent {
  readonly event: string
  readonly data: unknown
  /** Nothing follows. */
  readonly last: boolean
}

const EVERY_MS = 1000

/**
 * Server-sent events from a look at the present state every second; unchanged states are only kept alive. Ends with the client, and where a look
 * fails, which is logged: the client connects again.
 */
export function eventStream({ signal, log }: { readonly signal: AbortSignal; readonly log: HttpLog }, look: () => Promise<ServerEvent>): Response {
  const encoder = new TextEncoder()
  let sent = ''
  let closed = false
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent !== '') await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined)
      if (closed || signal.aborted) return controller.close()
      const next = await look().catch((error: unknown) => log.error({ error: describeError(error) }, 'A stream of events ended before its time'))
      if (!next) return controller.close()
      const text = JSON.stringify(next.data)
      controller.enqueue(encoder.encode(text === sent ? ': alive\n\n' : `event: ${next.event}\ndata: ${text}\n\n`))
      sent = text
      if (next.last) controller.close()
    },
    cancel() {
      closed = true
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' } })
}
