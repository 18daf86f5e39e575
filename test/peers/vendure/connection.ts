import { vendure } from '../../../connectors/vendure/index.ts'
import type { Config, Secrets } from '../../../connectors/vendure/manifest.ts'
import type { Call } from '../../../src/core/connector.ts'
import { createHttp } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'
import { memoryTokens } from '../../../src/kit/call.ts'
import type { Peer } from './peer.ts'

type Where = Pick<Peer, 'adminApi' | 'username' | 'password'>

/** The connector as the hub would run it, without a hub: its own HTTP door, pacing and tokens. */
export function connect(peer: Where, settings: Readonly<Record<string, unknown>> = {}): { readonly vendure: typeof vendure; readonly call: Call<Config, Secrets> } {
  const config: Config = vendure.manifest.config.parse({ url: peer.adminApi, ...settings })
  const secrets: Secrets = vendure.manifest.secrets.parse({ username: peer.username, password: peer.password })
  const { signal } = new AbortController()
  const now = (): Date => new Date()
  const http = createHttp({
    connector: vendure, connectionId: 'peer', hosts: vendure.manifest.hosts(config), limiter: memoryLimiter(() => Date.now()), allowPrivate: [new URL(peer.adminApi).host], now, signal,
  })
  const tokens = memoryTokens()
  const call: Call<Config, Secrets> = {
    connectionId: 'peer', config, secrets, http, now, signal,
    tokens: () => tokens.read(),
    renew: (stale) => tokens.renew(stale, () => vendure.refreshToken(call)),
  }
  return { vendure, call }
}
