import { taobao } from '../../connectors/taobao/index.ts'
import { manifest, type TopCall, type TopConfig } from '../../connectors/taobao/manifest.ts'
import { start } from '../../sandbox/server.ts'
import { createTaobao, type TaobaoOptions, type TaobaoSim } from '../../sandbox/taobao/index.ts'
import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appear in no error, no log line and no record. */
const SECRET = 'CANARY_app_secret_0123456789'
const SESSION = '6100CANARYsession'

export interface TestShop {
  readonly sim: TaobaoSim
  readonly url: string
  readonly log: string[]
  call(change?: Partial<TopConfig>, secrets?: Partial<Record<'appKey' | 'appSecret' | 'sessionKey', string>> & { readonly refresh?: false }): TopCall
  /** Interfaces called since the last look, by name. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated gateway and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: TaobaoOptions = {}): Promise<TestShop> {
  const sim = createTaobao({ appSecret: SECRET, sessionKey: SESSION, ...options })
  const sandbox = await start({ shops: [{ name: 'taobao-1', sim }] })
  const url = `${sandbox.shops[0]?.url ?? ''}/router/rest`
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const log: string[] = []
  let looked = 0
  return {
    sim,
    url,
    log,
    call(change = {}, { refresh, ...given } = {}) {
      const config = manifest.config.parse({ url, ...change })
      const now = (): Date => new Date(sim.clock.now())
      const tokens = memoryTokens()
      const { refreshToken, ...credentials } = sim.credentials
      const secrets = manifest.secrets.parse({ ...credentials, ...(refresh === false ? {} : { refreshToken }), ...given })
      const call: TopCall = {
        connectionId: 'c_9',
        config,
        secrets,
        http: createHttp({
          connector: { manifest: { ...manifest, limits: [] }, classify: taobao.classify! },
          connectionId: 'c_9',
          hosts: manifest.hosts(config),
          limiter: memoryLimiter(() => Date.now()),
          allowPrivate: [host],
          agents,
          now,
          signal: new AbortController().signal,
          log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
        }),
        tokens: () => tokens.read(),
        renew: (stale) => tokens.renew(stale, () => taobao.refreshToken(call)),
        now,
        signal: new AbortController().signal,
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

export async function pages(call: TopCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of taobao.pullOrders(call, request)) {
    found.push(page)
    if (found.length > 500) throw new Error('The pull does not end.')
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
      for (const secret of [SECRET, SESSION, '6101sandbox']) if (told.includes(secret)) throw new Error('The fault tells a secret.', { cause: error })
      return error.fault
    },
  )
