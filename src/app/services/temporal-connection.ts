import type { ConnectionOptions } from '@temporalio/client'
import type { TemporalSettings } from '../settings.ts'

/** What client and worker connections have in common. */
export interface TemporalConnection {
  readonly address: string
  readonly tls?: Exclude<ConnectionOptions['tls'], boolean | null | undefined>
  readonly apiKey?: string
}

/** How to reach Temporal: the server we started, or the configured one with its TLS and key. */
export function temporalConnection(settings: TemporalSettings, address: string): TemporalConnection {
  if (!settings.tls) return { address }
  const certificate =
    settings.cert === undefined || settings.key === undefined ? undefined : { crt: Buffer.from(settings.cert), key: Buffer.from(settings.key) }
  return {
    address,
    tls: {
      ...(settings.serverName === undefined ? {} : { serverNameOverride: settings.serverName }),
      ...(settings.ca === undefined ? {} : { serverRootCACertificate: Buffer.from(settings.ca) }),
      ...(certificate === undefined ? {} : { clientCertPair: certificate }),
    },
    ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
  }
}
