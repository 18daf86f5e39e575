import { expect } from 'vitest'
import { vendure } from '../../connectors/vendure/index.ts'
import type { VendureCall } from '../../connectors/vendure/client.ts'
import { manifest, type Config } from '../../connectors/vendure/manifest.ts'
import { start } from '../../sandbox/server.ts'
import type { VendureOptions, VendureSim } from '../../sandbox/vendure/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appears in no error, no log line and no record. */
export const SECRET = 'pw_CANARY_0123456789'

export interface TestShop {
  readonly sim: VendureSim
  readonly log: string[]
  call(change?: Partial<Config>, given?: { readonly timeoutMs?: number; readonly password?: string }): VendureCall
  stop(): Promise<void>
}

/** A simulated shop and a way to call it through the real HTTP door, without pacing. */
export async function testShop(options: VendureOptions = {}): Promise<TestShop> {
  const sandbox = await start({ shops: [{ name: 'vendure-1', channel: 'vendure', options: { password: SECRET, ...options } }] })
  const sim = sandbox.vendure('vendure-1')
  const url = `${sandbox.shops[0]?.url}/admin-api`
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const log: string[] = []
  const now = (): Date => new Date(sim.clock.now())
  const { signal } = new AbortController()
  return {
    sim,
    log,
    call(change = {}, given = {}) {
      const config = manifest.config.parse({ url, ...change })
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, classify: (...answer) => vendure.classify?.(...answer) },
        connectionId: 'c_8',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      const tokens = memoryTokens()
      const call: VendureCall = {
        connectionId: 'c_8',
        config,
        now,
        signal,
        secrets: { username: sim.credentials.username, password: given.password ?? SECRET, webhookSecret: 'hook-secret' },
        http: (request) => http({ ...request, ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }) }),
        tokens: () => tokens.read(),
        renew: (stale) => tokens.renew(stale, () => vendure.refreshToken(call)),
      }
      return call
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pages(call: VendureCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of vendure.pullOrders(call, request)) {
    found.push(page)
    if (found.length > 1000) throw new Error('The pull does not end.')
  }
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
export const idsOf = (records: readonly RawRecord[]): readonly string[] => [...new Set(records.map((record) => record.externalId))].sort()

/** The fault of a failed call, after checking that it tells no secret. */
export const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
      const told = `${JSON.stringify(error.fault)} ${error.stack ?? ''} ${String(error.cause)}`
      for (const secret of [SECRET, 'mutation', 'Bearer']) expect(told).not.toContain(secret)
      return error.fault
    },
  )
