import { youzan } from '../../connectors/youzan/index.ts'
import { manifest, type YouzanCall, type YouzanConfig } from '../../connectors/youzan/manifest.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start } from '../../sandbox/server.ts'
import { createYouzan, type YouzanOptions } from '../../sandbox/youzan/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens, type TokenStore } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

interface Given {
  readonly config?: Partial<YouzanConfig>
  readonly secrets?: { readonly clientId?: string; readonly clientSecret?: string; readonly refreshToken?: string }
  readonly tokens?: TokenStore
}

export interface TestShop {
  readonly sim: MarketSim
  readonly url: string
  readonly log: string[]
  call(given?: Given): YouzanCall
  /** Interfaces called since the last look, by name. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated cloud and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: YouzanOptions = {}): Promise<TestShop> {
  const sim = createYouzan({ clientSecret: SECRET, ...options })
  const sandbox = await start({ shops: [{ name: 'youzan-1', sim }] })
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
        connector: { manifest: { ...manifest, limits: [] }, ...(youzan.classify ? { classify: youzan.classify } : {}) },
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
      const call = createCall({ connector: youzan, connectionId: 'c_9', config: settings, secrets, http, tokens, now, signal })
      return { ...call, config, secrets }
    },
    called() {
      const all = sim.ledger.requests().map((request) => request.path.replace(/^\/(?:api\/)?/, ''))
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

export async function pagesOf(call: YouzanCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of youzan.pullOrders(call, request)) found.push(page)
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
