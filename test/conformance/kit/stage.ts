import type { ChannelSim } from '../../../sandbox/stage/channel-sim.ts'
import { start } from '../../../sandbox/server.ts'
import type { Call, HttpRequest } from '../../../src/core/connector.ts'
import type { MapContext } from '../../../src/core/mapping.ts'
import { createAgents } from '../../../src/kit/agents.ts'
import { createCall, memoryTokens, type TokenStore } from '../../../src/kit/call.ts'
import { channelClock, type ChannelClock } from '../../../src/kit/channel-clock.ts'
import { createHttp } from '../../../src/kit/http.ts'
import { memoryLimiter, type Limiter, type Rate } from '../../../src/kit/limiter.ts'
import { shapeOf } from './settings.ts'
import { windowStream, type Subject } from './subject.ts'

/** Signs the deliveries of a simulated channel; stands in no log, error or record. */
export const HOOK_SECRET = 'hook-CANARY-0123456789abcdef'
export const CONNECTION = 'c_kit'
/** Small pages where the connector lets its user choose: many pages of few orders. */
const PAGE_SIZE = 10

export interface Take {
  readonly key: string
  readonly cost: number
  readonly rate: Rate
  /** When the limiter let it pass, on the simulator's clock. */
  readonly at: number
}

export interface CallGiven {
  readonly config?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string | undefined>>
  /** Deadline of every call; asked anew each time, so that it can begin in the midst of a pull. */
  readonly timeoutMs?: () => number | undefined
  /** Deadline of writes alone. */
  readonly writeTimeoutMs?: number
  readonly signal?: AbortSignal
  readonly tokens?: TokenStore
  /** The hub's clock runs this much ahead of the channel's. */
  readonly skewMs?: number
  /** Rewrites what the channel answered before the connector reads it. */
  readonly rewrite?: (body: string) => string
}

/** One simulated channel, opened behind the hub's real HTTP door. Its clock stands still unless somebody waits or moves it. */
export interface Stage {
  readonly subject: Subject
  readonly sim: ChannelSim
  /** What the door logged, line by line. */
  readonly log: readonly string[]
  readonly takes: readonly Take[]
  /** Every address a connector asked for, as it handed it to the door. */
  readonly asked: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  readonly context: MapContext
  readonly now: () => number
  /** How far the seeded history reaches back. */
  readonly spreadDays: number
  /** What the door learned of the channel's clock. */
  readonly clock: ChannelClock
  call(given?: CallGiven): Call<unknown, unknown>
  stop(): Promise<void>
}

export interface StageOptions {
  /** How many of the channel's longest windows the history fills; a little less than one when nothing is said. */
  readonly windows?: number
  readonly products?: number
  readonly orders?: number
  readonly seed?: number
}

/** A fresh simulated channel of the subject's kind with some history. */
export async function openStage(subject: Subject, options: StageOptions = {}): Promise<Stage> {
  const sandbox = await start({ seed: options.seed ?? 1, shops: [{ name: 'kit-1', channel: subject.id }] })
  const [shop] = sandbox.shops
  if (!shop) throw new Error('The sandbox serves nothing.')
  const { sim, url } = shop
  sim.clock.freeze(Math.floor(Date.now() / 1000) * 1000)
  if (options.products) sim.control.seedProducts(options.products)
  // Inside one of the channel's longest windows unless more are wanted, three days at most.
  const spreadDays = Math.min(3, ((options.windows ?? 0.8) * (windowStream(subject)?.maxWindowHours ?? 36)) / 24)
  if (options.orders) sim.control.seedOrders(options.orders, spreadDays)
  const { manifest } = subject.connector
  const agents = createAgents({ allowPrivate: [new URL(url).host] })
  const [log, takes, asked]: [string[], Take[], string[]] = [[], [], []]
  const settings = { ...(sim.settings?.(url) ?? { url }), ...('pageSize' in shapeOf(manifest.config) ? { pageSize: PAGE_SIZE } : {}) }
  const secrets = { ...sim.credentials, ...('webhookSecret' in shapeOf(manifest.secrets) ? { webhookSecret: HOOK_SECRET } : {}) }
  const tokens = memoryTokens()
  const clock = channelClock()
  const limiter = noted(
    memoryLimiter(sim.clock.now, (ms) => Promise.resolve(sim.clock.advance(ms))),
    sim.clock.now,
    takes,
  )
  return {
    subject,
    sim,
    log,
    takes,
    asked,
    secrets,
    context: {
      connectionId: CONNECTION,
      timezone: sim.timezone ?? 'UTC',
      currency: sim.currency ?? 'USD',
      config: Object.fromEntries(Object.entries(Object(manifest.config.parse(settings)))),
    },
    now: sim.clock.now,
    spreadDays,
    clock,
    call(given = {}) {
      const config = { ...settings, ...given.config }
      const signal = given.signal ?? new AbortController().signal
      const now = (): Date => new Date(sim.clock.now() + (given.skewMs ?? 0))
      const http = createHttp({
        connector: subject.connector,
        connectionId: CONNECTION,
        hosts: manifest.hosts(manifest.config.parse(config)),
        limiter,
        allowPrivate: [new URL(url).host],
        agents,
        now,
        signal,
        clock,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      return createCall({
        connector: subject.connector,
        connectionId: CONNECTION,
        config,
        secrets: { ...secrets, ...given.secrets },
        http: async (request: HttpRequest) => {
          asked.push(request.url)
          const isWrite = !(request.idempotent ?? request.method === 'GET')
          const timeoutMs = (isWrite ? given.writeTimeoutMs : undefined) ?? given.timeoutMs?.()
          const response = await http({ ...request, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
          return given.rewrite ? { ...response, body: given.rewrite(response.body) } : response
        },
        tokens: given.tokens ?? tokens,
        now,
        signal,
        ...(sim.folder === undefined ? {} : { folder: sim.folder }),
      })
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

/** The same limiter, which remembers what it let pass and when. */
function noted(limiter: Limiter, now: () => number, takes: Take[]): Limiter {
  return {
    block: (key, ms) => limiter.block(key, ms),
    async take(key, cost, rate) {
      await limiter.take(key, cost, rate)
      takes.push({ key, cost, rate, at: now() })
    },
  }
}

/** Opens a stage, plays on it, and closes it whatever happens. */
export async function onStage<T>(subject: Subject, options: StageOptions, play: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage(subject, options)
  try {
    return await play(stage)
  } finally {
    await stage.stop()
  }
}
