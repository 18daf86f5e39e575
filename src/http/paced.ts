import { setTimeout as sleep } from 'node:timers/promises'
import type { Visible } from '../store/read/scope.ts'

/** Of each second of reading the others take so many. */
const SPARE = 30
/** What was read in less is worth waiting for, and no burden however often. */
const QUICK_MS = 50

interface Read<T> {
  readonly at: Date
  readonly value: T
}

/**
 * A figure that is read at most so often, once for everybody who asks, and never for more than a small part of the time: what takes long is read more
 * rarely. While that is read again everybody gets the last one.
 */
export class Paced<T> {
  readonly #read: () => Promise<T>
  readonly #everyMs: number
  readonly #now: () => Date
  #last: Read<T> | undefined
  #fault: unknown
  #notBefore = 0
  #tookMs = 0
  #running: Promise<Read<T>> | undefined

  constructor(read: () => Promise<T>, everyMs: number, now: () => Date) {
    this.#read = read
    this.#everyMs = everyMs
    this.#now = now
  }

  async get(): Promise<Read<T>> {
    if (this.#running === undefined && performance.now() >= this.#notBefore) this.#begin()
    const [last, running] = [this.#last, this.#running]
    // One that fails leaves the last figure standing, with its time.
    running?.catch(() => undefined)
    if (last === undefined) {
      if (running === undefined) throw this.#fault
      return running
    }
    if (running === undefined || this.#tookMs > QUICK_MS) return last
    return (
      (await within(
        running.catch(() => undefined),
        QUICK_MS,
      )) ?? last
    )
  }

  /** As `get`; undefined where the first reading takes longer than that. */
  soon(ms: number): Promise<Read<T> | undefined> {
    return within(this.get(), ms)
  }

  /** Whatever the reading does, even fail before it waits for anything, its end makes room for the next one. */
  #begin(): void {
    const started = performance.now()
    this.#running = this.#again().finally(() => {
      this.#running = undefined
      this.#tookMs = performance.now() - started
      this.#notBefore = performance.now() + Math.max(this.#everyMs, this.#tookMs > QUICK_MS ? SPARE * this.#tookMs : 0)
    })
  }

  async #again(): Promise<Read<T>> {
    try {
      const at = this.#now()
      const read = { at, value: await this.#read() }
      this.#last = read
      return read
    } catch (error) {
      this.#fault = error
      throw error
    }
  }
}

/** What comes of it, where it comes so soon. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const waited = new AbortController()
  try {
    return await Promise.race([work, sleep(ms, undefined, { signal: waited.signal })])
  } finally {
    waited.abort()
  }
}

/** Callers with another scope have figures of their own; beyond so many the oldest go. */
const MOST_SCOPES = 30

/** Keeps one of something for each set of connections that callers may see. */
export function perScope<T>(make: (visible: Visible) => T): (visible: Visible) => T {
  const kept = new Map<string, T>()
  return (visible) => {
    const key = JSON.stringify(visible)
    const known = kept.get(key)
    if (known !== undefined) return known
    const [oldest] = kept.keys()
    if (kept.size >= MOST_SCOPES && oldest !== undefined) kept.delete(oldest)
    const made = make(visible)
    kept.set(key, made)
    return made
  }
}
