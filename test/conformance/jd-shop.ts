import { jd } from '../../connectors/jd/index.ts'
import { manifest, type JdCall, type JdConfig } from '../../connectors/jd/manifest.ts'
import { createJd, type JdOptions, type JdSim } from '../../sandbox/jd/index.ts'
import { start } from '../../sandbox/server.ts'
import type { HttpResponse, Page, PullRequest } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** Appear in no error, no log line and no record. */
const SECRET = 'CANARY_app_secret_0123456789'
const TOKEN = 'CANARYaccesstoken'

interface Given {
  readonly config?: Partial<JdConfig>
  readonly refresh?: false
  /** Ahead of the channel's clock. */
  readonly skewMs?: number
  /** What comes instead of the channel's answer. */
  readonly rewrite?: (body: string, response: HttpResponse) => string
}

export interface TestShop {
  readonly sim: JdSim
  call(given?: Given): JdCall
  /** Interfaces called since the last look, by name; `/jd-1/oauth2/refresh_token` for a renewal. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated gateway and a way to call it through the real HTTP door, unpaced. */
export async function testShop(options: JdOptions = {}): Promise<TestShop> {
  const sim = createJd({ appSecret: SECRET, accessToken: TOKEN, ...options })
  const sandbox = await start({ shops: [{ name: 'jd-1', sim }] })
  const site = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(site)
  const agents = createAgents({ allowPrivate: [host] })
  let looked = 0
  return {
    sim,
    call({ config: change = {}, refresh, skewMs = 0, rewrite } = {}) {
      const config = manifest.config.parse({ ...sim.settings?.(site), ...change })
      const now = (): Date => new Date(sim.clock.now() + skewMs)
      const tokens = memoryTokens()
      const { refreshToken, ...credentials } = sim.credentials
      const { signal } = new AbortController()
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, classify: jd.classify! },
        connectionId: 'c_9',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
      })
      const call: JdCall = {
        connectionId: 'c_9',
        config,
        secrets: manifest.secrets.parse({ ...credentials, ...(refresh === false ? {} : { refreshToken }) }),
        http: async (request) => {
          const response = await http(request)
          return rewrite ? { ...response, body: rewrite(response.body, response) } : response
        },
        tokens: () => tokens.read(),
        renew: (stale) => tokens.renew(stale, () => jd.refreshToken(call)),
        now,
        signal,
      }
      return call
    },
    called() {
      const all = sim.ledger.requests()
      const fresh = all.filter((each) => each.seq > looked).map((each) => each.query || each.path)
      looked = all.at(-1)?.seq ?? 0
      return fresh
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pages(call: JdCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of jd.pullOrders(call, request)) {
    found.push(page)
    if (found.length > 500) throw new Error('The pull does not end.')
  }
  return found
}

/** The fault of a failed call, after checking that it tells no secret. */
export const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
      const told = `${JSON.stringify(error.fault)} ${error.stack ?? ''} ${String(error.cause)}`
      for (const secret of [SECRET, TOKEN, 'sandbox-jd-refresh'])
        if (told.includes(secret)) throw new Error('The fault tells a secret.', { cause: error })
      return error.fault
    },
  )
