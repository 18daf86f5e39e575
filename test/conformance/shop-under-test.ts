import type { z } from 'zod'
import { start } from '../../sandbox/server.ts'
import type { ChannelSim } from '../../sandbox/stage/channel-sim.ts'
import type { RequestFact } from '../../sandbox/stage/ledger.ts'
import type { Call, Capabilities, Connector, HttpResponse, Implementations, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens, type TokenStore } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

/** What of a call is other than usual. */
export interface Given<Config> {
  readonly config?: Partial<Config>
  /** Beside the shop's own; undefined takes one away. */
  readonly secrets?: Readonly<Record<string, string | undefined>>
  readonly tokens?: TokenStore
  /** How far the hub's clock runs ahead of the channel's. */
  readonly aheadMs?: number
  readonly timeoutMs?: number | undefined
  /** What comes instead of the channel's answer. */
  readonly rewrite?: ((body: string, response: HttpResponse) => string) | undefined
}

export interface ShopUnderTest<Sim extends ChannelSim, Config, Secrets> {
  readonly sim: Sim
  readonly url: string
  /** What the HTTP door logged. */
  readonly log: readonly string[]
  call(given?: Given<Config>): Call<Config, Secrets>
  /** Requests since the last look, by the name `nameOf` gives them. */
  called(): readonly string[]
  stop(): Promise<void>
}

/** A simulated shop and a way to call it through the real HTTP door, unpaced. */
export async function shopUnderTest<C extends z.ZodType, S extends z.ZodType, const K extends Capabilities, Sim extends ChannelSim>(
  connector: Connector<C, S, K>,
  sim: Sim,
  nameOf: (request: RequestFact) => string = ({ method, path }) => `${method} ${path}`,
): Promise<ShopUnderTest<Sim, z.output<C>, z.output<S>>> {
  const sandbox = await start({ shops: [{ name: 'one', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(url)
  const { manifest, classify } = connector
  const agents = createAgents({ allowPrivate: [host] })
  const log: string[] = []
  let looked = 0
  return {
    sim,
    url,
    log,
    call({ config: change = {}, secrets: other = {}, tokens = memoryTokens(), aheadMs = 0, timeoutMs, rewrite } = {}) {
      const stored = { ...(sim.settings?.(url) ?? { url }), ...change }
      const [config, secrets] = [manifest.config.parse(stored), manifest.secrets.parse({ ...sim.credentials, ...other })]
      const now = (): Date => new Date(sim.clock.now() + aheadMs)
      const { signal } = new AbortController()
      const door = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, ...(classify ? { classify } : {}) },
        connectionId: 'c_9',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
        log: { debug: (fields, message) => void log.push(`${message} ${JSON.stringify(fields)}`) },
      })
      const http: typeof door = async (request) => {
        const response = await door({ ...request, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
        return rewrite ? { ...response, body: rewrite(response.body, response) } : response
      }
      const call = createCall({ connector, connectionId: 'c_9', config: stored, secrets, http, tokens, now, signal })
      return { ...call, config, secrets }
    },
    called() {
      const all = sim.ledger.requests()
      const fresh = all.slice(looked).map(nameOf)
      looked = all.length
      return fresh
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

/** Every page of a pull. */
export async function pagesOf<C, S>(
  { pullOrders }: Pick<Implementations<C, S>, 'pullOrders'>,
  call: Call<C, S>,
  request: PullRequest,
  most = 1000,
): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of pullOrders(call, request)) {
    found.push(page)
    if (found.length > most) throw new Error('The pull does not end.')
  }
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
export const idsOf = (records: readonly RawRecord[]): readonly string[] => [...new Set(records.map((record) => record.externalId))].toSorted()

/** The fault of a failed call, after checking that it tells no secret. */
export async function faultOf(work: Promise<unknown>, secrets: readonly string[] = []): Promise<Fault> {
  const error: unknown = await work.then(
    () => new Error('The call succeeded where it had to fail.'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ChannelError)) throw error
  const told = `${JSON.stringify(error.fault)} ${error.stack ?? ''} ${String(error.cause)}`
  if (secrets.some((secret) => told.includes(secret))) throw new Error('The fault tells a secret.', { cause: error })
  return error.fault
}
