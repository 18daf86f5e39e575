import { pinduoduo } from '../../connectors/pinduoduo/index.ts'
import { manifest, type PddCall, type PddConfig } from '../../connectors/pinduoduo/manifest.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { start } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

export interface TestShop {
  readonly sim: MarketSim
  call(change?: Partial<PddConfig>): PddCall
  /** Interfaces called since the last look, by name. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated gateway and a way to call it through the real HTTP door, unpaced. */
export async function testShop(seed = 1): Promise<TestShop> {
  const sim = createPinduoduo({ seed })
  const sandbox = await start({ shops: [{ name: 'pdd-1', sim }] })
  const url = `${sandbox.shops[0]?.url ?? ''}/api/router`
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const now = (): Date => new Date(sim.clock.now())
  let looked = 0
  return {
    sim,
    call(change = {}) {
      const config = manifest.config.parse({ url, ...change })
      const tokens = memoryTokens()
      const { signal } = new AbortController()
      const call: PddCall = {
        connectionId: 'c_9',
        config,
        secrets: manifest.secrets.parse(sim.credentials),
        http: createHttp({
          connector: { manifest: { ...manifest, limits: [] }, classify: pinduoduo.classify! },
          connectionId: 'c_9',
          hosts: manifest.hosts(config),
          limiter: memoryLimiter(() => Date.now()),
          allowPrivate: [host],
          agents,
          now,
          signal,
        }),
        tokens: () => tokens.read(),
        renew: (stale) => tokens.renew(stale, () => pinduoduo.refreshToken(call)),
        now,
        signal,
      }
      return call
    },
    called() {
      const all = sim.ledger.requests()
      const fresh = all.filter((each) => each.seq > looked).map((each) => each.query)
      looked = all.at(-1)?.seq ?? 0
      return fresh
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pages(call: PddCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of pinduoduo.pullOrders(call, request)) {
    found.push(page)
    if (found.length > 500) throw new Error('The pull does not end.')
  }
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
