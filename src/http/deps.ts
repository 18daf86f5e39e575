import type pg from 'pg'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Inbound, Registry } from '../core/connector.ts'
import type { DataKeys, SecretBox } from '../store/envelope.ts'
import type { BoardSource } from './board-source.ts'
import type { TotalsSource } from './totals.ts'
import type { HubControl } from './control.ts'
import type { Gates } from './gates.ts'

export interface HookReply {
  readonly status: number
  readonly body: string
  readonly contentType?: string
}

/** Takes one webhook delivery: verified, stored and only then answered (I1). */
export interface HookSink {
  accept(connection: { readonly id: string; readonly channel: string }, inbound: Inbound): Promise<HookReply>
  /**
   * A delivery to the address of an app, which is for one or several shops of it. Of a shop that no connection knows it is answered
   * and forgotten once a signature fits; undefined where the channel has no such address or no connection.
   */
  acceptForApp(channel: string, inbound: Inbound): Promise<HookReply | undefined>
}

export interface HttpLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
  error(facts: Readonly<Record<string, unknown>>, message: string): void
}

export interface HttpSettings {
  /** As channels and people reach the hub, without a trailing slash; undefined = the address of the request. */
  readonly publicUrl?: string
  readonly version: string
  /** Bearer token for /metrics from elsewhere than loopback. */
  readonly metricsToken?: string
  /** Hours a sign-in lasts at most; 12 when absent. */
  readonly sessionHours?: number
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** Where uploaded files are kept until their import ran. */
  readonly filesDir: string
  /** Largest uploaded file, bytes. */
  readonly maxFileBytes?: number
  /** Checks every answer against its own description (tests). */
  readonly verifyAnswers?: boolean
}

/** What the API is made of; `createApp` takes it whole. */
export interface HttpDeps {
  readonly pool: pg.Pool
  readonly registry: Registry
  readonly secrets: SecretBox
  readonly keys: DataKeys
  readonly control: HubControl
  readonly hooks: HookSink
  /** Looks through a ZIP archive before anything unpacks it. @throws DomainError `file-unsafe-archive` */
  readonly assertHarmlessArchive: (bytes: Buffer) => void
  /** Why a channel may not be called at this address (URL or `host[:port]`), as the end of a sentence; undefined when it may. Absent: found out at the first call. */
  readonly refusesAddress?: (address: string) => string | undefined
  readonly settings: HttpSettings
  readonly now: () => Date
  readonly log: HttpLog
  readonly metrics?: MetricsRegistry
  /** Built console files. */
  readonly console?: { readonly dir: string }
}

/** The same inside the app, with what lives as long as the app does. */
export interface AppDeps extends HttpDeps {
  /** The live figures, read once for all who look. */
  readonly board: BoardSource
  readonly totals: TotalsSource
  readonly gates: Gates
  /** Who is really calling, past the proxies that are trusted. */
  readonly callerOf: (peer: string, forwardedFor: string | undefined) => string
}
