import { ebay } from '../../connectors/ebay/index.ts'
import { manifest, type EbayCall, type EbayConfig } from '../../connectors/ebay/manifest.ts'
import { createEbay, type EbayOptions } from '../../sandbox/ebay/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start } from '../../sandbox/server.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

interface Given {
  readonly config?: Partial<EbayConfig>
  readonly secrets?: Readonly<Record<string, string>>
  /** How far the hub's clock runs ahead. */
  readonly aheadMs?: number
}

export interface TestShop {
  readonly sim: MarketSim
  readonly url: string
  call(given?: Given): EbayCall
  /** Calls since the last look: method and path. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated eBay and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: EbayOptions = {}): Promise<TestShop> {
  const sim = createEbay(options)
  const sandbox = await start({ shops: [{ name: 'ebay-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const tokens = memoryTokens()
  let looked = 0
  return {
    sim,
    url,
    call(given = {}) {
      const settings = { url, ...given.config }
      const config = manifest.config.parse(settings)
      const secrets = manifest.secrets.parse({ ...sim.credentials, ...given.secrets })
      const now = (): Date => new Date(sim.clock.now() + (given.aheadMs ?? 0))
      const signal = new AbortController().signal
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, ...(ebay.classify ? { classify: ebay.classify } : {}) },
        connectionId: 'c_9',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
      })
      const call = createCall({ connector: ebay, connectionId: 'c_9', config: settings, secrets, http, tokens, now, signal })
      return { ...call, config, secrets }
    },
    called() {
      const all = sim.ledger.requests().map((request) => `${request.method} ${request.path.replace(/^\/(?:sell|commerce)\/(\w+)\/v1/, '$1')}`)
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

export async function pagesOf(call: EbayCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of ebay.pullOrders(call, request)) found.push(page)
  return found
}

export const recordsOf = (pages: readonly Page[]): readonly RawRecord[] => pages.flatMap((page) => page.records)
