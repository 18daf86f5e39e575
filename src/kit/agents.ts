import { Agent as HttpAgent, type AgentOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent'

/** Ports of protocols that are not HTTP on which nobody runs a web API: reaching them only serves an attacker. */
export const FOREIGN_PORTS: ReadonlySet<string> = new Set([
  '22',
  '23',
  '25',
  '53',
  '110',
  '143',
  '389',
  '445',
  '3306',
  '5432',
  '6379',
  '9200',
  '11211',
  '27017',
])

/** Connection pools that outlive a call. Every socket to a private, loopback or metadata address is refused at connect time. */
export interface Agents {
  /** The pair for one address; `undefined` when its port is refused. */
  for(url: URL): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } | undefined
  close(): void
}

/**
 * `allowPrivate` lists exact `host:port` pairs that may be reached although they are private (a shop in the same network,
 * the sandbox); everything else goes through an agent that checks the resolved address itself, so that neither odd
 * spellings of an address nor a changing DNS answer gets around it.
 */
export function createAgents(input: { readonly allowPrivate: readonly string[]; readonly options?: AgentOptions }): Agents {
  const options: AgentOptions = { keepAlive: true, maxSockets: 32, maxFreeSockets: 32, ...input.options }
  const guarded = { httpAgent: new RequestFilteringHttpAgent(options), httpsAgent: new RequestFilteringHttpsAgent(options) }
  const open = { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) }
  const allowed = new Set(input.allowPrivate.map((entry) => entry.toLowerCase()))
  return {
    for(url) {
      const port = url.port || (url.protocol === 'https:' ? '443' : '80')
      if (allowed.has(`${url.hostname}:${port}`)) return open
      return FOREIGN_PORTS.has(port) ? undefined : guarded
    },
    close() {
      for (const agent of [guarded.httpAgent, guarded.httpsAgent, open.httpAgent, open.httpsAgent]) agent.destroy()
    },
  }
}
