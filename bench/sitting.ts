import type { ChildProcess } from 'node:child_process'
import { startHub, type Hub } from './hub-process.ts'
import { ended, launch, lineOf } from './processes.ts'
import type { Row } from './report.ts'
import { stockGoods } from './steps.ts'

/** One file in `bench/metrics`: a name, and how its rows are measured. */
export interface Metric {
  readonly name: string
  /** Metrics are measured in this order, the longest last. */
  readonly rank: number
  /** What this metric needs, one line for people. */
  readonly about: string
  run(sitting: Sitting): Promise<readonly Row[]>
}

export interface Options {
  /** Orders of a bulk run. */
  readonly orders: number
  /** Orders held at the largest size. */
  readonly held: number
  /** Runs of short measurements; the median counts. */
  readonly repeats: number
  readonly profileDir?: string
  /** Keeps the largest database and goes on with it. */
  readonly home?: string
  /** Where the mock listened when that database was begun. */
  readonly mockPort?: number
}

/** The mock channel in its own process. */
export interface Mock {
  readonly url: string
  control(verb: string): Promise<Readonly<Record<string, unknown>>>
}

/** Everything measured in one go, side by side: a mock, a hub at a time, and what was learned so far. */
export class Sitting {
  readonly options: Options
  readonly say: (line: string) => void
  readonly #children: ChildProcess[] = []
  #mock: Promise<Mock> | undefined
  #hub: Promise<Hub> | undefined
  readonly #others = new Set<Hub>()

  constructor(options: Options, say: (line: string) => void) {
    this.options = options
    this.say = say
  }

  mock(): Promise<Mock> {
    this.#mock ??= this.#startMock()
    return this.#mock
  }

  /** The hub of this sitting, started when it is first wanted. */
  hub(): Promise<Hub> {
    this.#hub ??= this.#startHub()
    return this.#hub
  }

  /** A hub besides, in that directory or a new one, for a measurement that has hubs of its own; the one of this sitting is stopped. */
  async anotherHub(home?: string): Promise<Hub> {
    await this.#stopHub()
    const hub = await startHub(this.options.profileDir, home)
    this.#others.add(hub)
    return hub
  }

  async stop(hub: Hub): Promise<void> {
    if (this.#others.delete(hub)) await hub.stop()
  }

  async close(): Promise<void> {
    await this.#stopHub()
    for (const hub of this.#others) await this.stop(hub)
    for (const child of this.#children.toReversed()) await ended(child)
  }

  async #startHub(): Promise<Hub> {
    this.say('starting a hub with 10,000 SKUs')
    const hub = await startHub(this.options.profileDir)
    await stockGoods(hub)
    return hub
  }

  async #stopHub(): Promise<void> {
    const hub = await this.#hub?.catch(() => undefined)
    this.#hub = undefined
    await hub?.stop()
  }

  async #startMock(): Promise<Mock> {
    const child = launch(['bench/mock/server.ts', '--orders', String(this.options.orders), '--port', String(this.options.mockPort ?? 0)])
    this.#children.push(child)
    const url = await lineOf(child, /^ready (\S+)/)
    return { url, control: (verb) => post(`${url}/control/${verb}`) }
  }
}

async function post(url: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { method: 'POST' })
  const answer: unknown = await response.json()
  if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(`${url} answered ${response.status}.`)
  return { ...answer }
}
