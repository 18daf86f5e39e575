import { medusa } from '../../../connectors/medusa/index.ts'
import type { MedusaCall } from '../../../connectors/medusa/manifest.ts'
import { createHttp } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'

interface Where {
  readonly origin: string
  readonly secretKey: string
}

/** The connector as the hub would run it, without a hub: its own HTTP door and pacing. */
export function connect({ origin, secretKey }: Where, settings: Readonly<Record<string, unknown>> = {}): { readonly medusa: typeof medusa; readonly call: MedusaCall } {
  const config = medusa.manifest.config.parse({ url: origin, ...settings })
  const secrets = medusa.manifest.secrets.parse({ apiKey: secretKey })
  const { signal } = new AbortController()
  const now = (): Date => new Date()
  const http = createHttp({
    connector: medusa, connectionId: 'peer', hosts: medusa.manifest.hosts(config), limiter: memoryLimiter(() => Date.now()), allowPrivate: [new URL(origin).host], now, signal,
  })
  const none = () => Promise.resolve({})
  return { medusa, call: { connectionId: 'peer', config, secrets, http, now, signal, tokens: none, renew: none } }
}
