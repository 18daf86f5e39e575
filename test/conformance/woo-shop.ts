import { expect } from 'vitest'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { manifest, type WooCall, type WooConfig } from '../../connectors/woocommerce/manifest.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { WooCommerceOptions, WooCommerceSim } from '../../sandbox/woocommerce/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appears in no error, no log line and no record. */
export const SECRET = 'cs_CANARY_0123456789'

export interface TestShop {
  readonly sim: WooCommerceSim
  readonly url: string
  /** What the HTTP door logged. */
  readonly log: string[]
  call(
    change?: Partial<WooConfig>,
    given?: { readonly timeoutMs?: number; readonly key?: string; readonly secret?: string; readonly webhookSecret?: string },
  ): WooCall
  stop(): Promise<void>
}

/** A simulated shop and a way to call it through the real HTTP door. Pacing is fast so that tests are. */
export async function testShop(options: WooCommerceOptions = {}): Promise<TestShop> {
  const sandbox: Sandbox = await start({
    shops: [{ name: 'woo-1', channel: 'woocommerce', options: { key: { consumerKey: 'ck_1', consumerSecret: SECRET }, ...options } }],
  })
  const sim = sandbox.woo('woo-1')
  const url = sandbox.shops[0]?.url ?? ''
  const log: string[] = []
  const host = new URL(url).host
  const agents = createAgents({ allowPrivate: [host] })
  return {
    sim,
    url,
    log,
    call(change = {}, given = {}) {
      const config = manifest.config.parse({ url, ...change })
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, classify: woocommerce.classify! },
        connectionId: 'c_7',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now: () => new Date(sim.clock.now()),
        signal: new AbortController().signal,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      return {
        connectionId: 'c_7',
        config,
        secrets: {
          consumerKey: given.key ?? 'ck_1',
          consumerSecret: given.secret ?? SECRET,
          ...(given.webhookSecret === undefined ? {} : { webhookSecret: given.webhookSecret }),
        },
        http: (request) => http({ ...request, ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }) }),
        tokens: () => Promise.resolve({}),
        renew: () => Promise.resolve({}),
        now: () => new Date(sim.clock.now()),
        signal: new AbortController().signal,
      }
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pages(call: WooCall, request: PullRequest, limit = 1000): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of woocommerce.pullOrders(call, request)) {
    found.push(page)
    if (found.length > limit) throw new Error('The pull does not end.')
  }
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
export const orderIds = (records: readonly RawRecord[]): readonly string[] =>
  [...new Set(records.filter((record) => record.kind === 'order').map((record) => record.externalId))].sort()

/** The fault of a failed call, after checking that it tells no secret. */
export const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
      const told = `${JSON.stringify(error.fault)} ${error.stack ?? ''} ${String(error.cause)}`
      for (const secret of [SECRET, 'ck_1', 'oauth_signature', 'modified_after']) expect(told).not.toContain(secret)
      return error.fault
    },
  )
