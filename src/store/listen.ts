import pg from 'pg'

/** Wakes a loop when another process says there is work; without word it looks by itself. */
export interface Wake {
  /** Resolves on the next notification, or after `ms`. */
  wait(ms: number): Promise<void>
  /** Wakes who waits, without the way through the database. Who is at work looks for itself before it waits. */
  call(): void
  close(): Promise<void>
}

const RECONNECT_MS = 1000

/**
 * LISTEN on one channel over a connection of its own. Needs a direct connection: behind a transaction pooler
 * notifications never arrive, and the loop falls back to its own pace. What `own` sent, as its payload says, is no news.
 */
export function listen(databaseUrl: string, channel: 'hub_inbox' | 'hub_push', own?: string): Wake {
  let waiters: (() => void)[] = []
  let missed = false
  let closed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  const wakeWaiting = (): void => {
    for (const wake of waiters.splice(0)) wake()
  }
  const wakeAll = (): void => {
    missed = waiters.length === 0
    wakeWaiting()
  }
  const retry = (): void => {
    client = undefined
    if (!closed) timer = setTimeout(connect, RECONNECT_MS)
  }
  const connect = (): void => {
    const next = new pg.Client({ connectionString: databaseUrl, application_name: `channel-hub listen ${channel}`, keepAlive: true })
    client = next
    let ended = false
    const end = (): void => {
      if (ended) return
      ended = true
      retry()
    }
    next.on('notification', ({ payload }) => {
      if (own === undefined || payload !== own) wakeAll()
    })
    next.on('error', end)
    next.on('end', end)
    next
      .connect()
      .then(() => next.query(`listen ${channel}`))
      .then(wakeAll, end)
  }
  connect()

  return {
    call: wakeWaiting,
    wait: (ms) =>
      new Promise((resolve) => {
        if (missed) {
          missed = false
          resolve()
          return
        }
        const done = (): void => {
          clearTimeout(timeout)
          resolve()
        }
        const timeout = setTimeout(() => {
          waiters = waiters.filter((waiter) => waiter !== done)
          resolve()
        }, ms)
        waiters.push(done)
      }),
    close: async () => {
      closed = true
      clearTimeout(timer)
      wakeAll()
      await client?.end().catch(() => undefined)
    },
  }
}
