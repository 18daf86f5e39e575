import { World, type WorldOptions } from './world.ts'
import { FaultProxy } from './fault-proxy.ts'

/** What a world takes to start on two idle cores, at most. */
const USUAL_START_SECONDS = 12
const MOST_STRETCH = 6

/** What an experiment gets: a world of its own, chance from the printed seed, and a voice. */
export class Rig {
  readonly seed: number
  readonly say: (line: string) => void
  /** How much longer limits of time are on this machine right now, by the time its worlds took to start; 1 on an idle one. */
  stretch = 1
  /** How long a load is to run in all, where the caller said so. */
  readonly minutes: number | undefined
  readonly #closers: (() => Promise<unknown>)[] = []
  #state: number

  constructor(seed: number, say: (line: string) => void, minutes?: number) {
    this.minutes = minutes
    this.seed = seed
    this.say = say
    this.#state = seed >>> 0
  }

  /** Starts a hub with everything around it; stopped after the experiment. */
  async world(options: WorldOptions = {}): Promise<World> {
    const startedAt = performance.now()
    const world = await World.open(this.seed, options, this.#closers)
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10
    this.stretch = Math.min(MOST_STRETCH, Math.max(1, Math.round((10 * seconds) / USUAL_START_SECONDS) / 10))
    this.say(`world ready after ${seconds} s${this.stretch > 1 ? `; a busy machine, limits of time × ${this.stretch}` : ''}`)
    return world
  }

  /** A proxy of its own in front of a port; stopped after the experiment. */
  async proxy(target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await proxy.start()
    this.#closers.push(() => proxy.stop())
    return proxy
  }

  /** Something else to be undone after the experiment, in reverse order. */
  afterwards(close: () => Promise<unknown>): void {
    this.#closers.push(close)
  }

  /** In [0, 1); the same numbers for the same seed (mulberry32). */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1))
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close().catch((error: unknown) => this.say(`while closing: ${String(error)}`))
  }
}
