import { square } from '../../connectors/square/index.ts'
import { manifest, type SquareCall, type SquareConfig } from '../../connectors/square/manifest.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start } from '../../sandbox/server.ts'
import { createSquare, type SquareOptions } from '../../sandbox/square/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens, type TokenStore } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

interface Given {
  readonly config?: Partial<SquareConfig>
  readonly secrets?: Readonly<Record<string, string | undefined>>
  readonly tokens?: TokenStore
}

export interface TestShop {
  readonly sim: MarketSim
  readonly url: string
  readonly log: string[]
  call(given?: Given): SquareCall
  /** Calls since the last look. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated seller and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: SquareOptions = {}): Promise<TestShop> {
  const sim = createSquare({ clientSecret: SECRET, ...options })
  const sandbox = await start({ shops: [{ name: 'square-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const log: string[] = []
  let looked = 0
  return {
    sim,
    url,
    log,
    call(given = {}) {
      const settings = { ...sim.settings?.(url), ...given.config }
      const config = manifest.config.parse(settings)
      const secrets = manifest.secrets.parse({ ...sim.credentials, ...given.secrets })
      const now = (): Date => new Date(sim.clock.now())
      const signal = new AbortController().signal
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, ...(square.classify ? { classify: square.classify } : {}) },
        connectionId: 'c_9',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      const tokens = given.tokens ?? memoryTokens()
      const call = createCall({ connector: square, connectionId: 'c_9', config: settings, secrets, http, tokens, now, signal })
      return { ...call, config, secrets }
    },
    called() {
      const all = sim.ledger.requests().map((request) => `${request.method} ${request.path.replace('/v2/', '')}`)
      const fresh = all.slice(looked)
      looked = all.length
      return fresh
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pagesOf(call: SquareCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of square.pullOrders(call, request)) found.push(page)
  return found
}

export const recordsOf = (pages: readonly Page[]): readonly RawRecord[] => pages.flatMap((page) => page.records)

export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work
  } catch (error) {
    if (error instanceof ChannelError) return error.fault
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}
