import { setTimeout as sleep } from 'node:timers/promises'

/** Asks until `ask` answers something other than undefined. @throws after `seconds`, naming what was waited for */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, seconds = 60, everyMs = 100): Promise<T> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`Not within ${seconds} s: ${what}.`)
    await sleep(everyMs)
  }
}

/** Seconds since `startedAt` of `performance.now()`, to a tenth. */
export const secondsSince = (startedAt: number): number => Math.round((performance.now() - startedAt) / 100) / 10

/** Undefined when the promise did not settle in time. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)
  return Promise.race([promise, late]).finally(() => timer.abort())
}
