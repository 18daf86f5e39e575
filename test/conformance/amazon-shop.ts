import { amazon } from '../../connectors/amazon/index.ts'
import { manifest, type AmazonCall, type AmazonConfig } from '../../connectors/amazon/manifest.ts'
import { createAmazon, type AmazonOptions } from '../../sandbox/amazon/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start } from '../../sandbox/server.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

export interface TestShop {
  readonly sim: MarketSim
  readonly url: string
  readonly log: readonly string[]
  call(config?: Partial<AmazonConfig>): AmazonCall
  /** Paths called since the last look. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated region and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: AmazonOptions = {}): Promise<TestShop> {
  const sim = createAmazon({ clientSecret: SECRET, enforceRates: false, ...options })
  const sandbox = await start({ shops: [{ name: 'amazon-1', sim }] })
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
      const settings = { ...sim.settings?.(url), ...given }
      const config = manifest.config.parse(settings)
      const secrets = manifest.secrets.parse(sim.credentials)
      const now = (): Date => new Date(sim.clock.now())
      const signal = new AbortController().signal
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, ...(amazon.classify ? { classify: amazon.classify } : {}) },
        connectionId: 'c_9',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      const call = createCall({ connector: amazon, connectionId: 'c_9', config: settings, secrets, http, tokens: memoryTokens(), now, signal })
      return { ...call, config, secrets }
    },
    called() {
      const all = sim.ledger.requests().map((request) => `${request.method} ${request.path}`)
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

export async function pagesOf(call: AmazonCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of amazon.pullOrders(call, request)) found.push(page)
  return found
}

export const recordsOf = (pages: readonly Page[]): readonly RawRecord[] => pages.flatMap((page) => page.records)
