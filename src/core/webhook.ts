import type { RawRecord } from './connector.ts'
import type { RawKind } from './mapping.ts'

/** The request as bytes: signatures cover what was sent, not what was parsed. Header names are lower-case. */
export interface Inbound {
  readonly method: string
  readonly url: string // public URL as the channel called it
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A verified delivery. Nothing was parsed yet except what the signature needs. */
export interface Delivery {
  readonly deliveryId: string // same delivery twice -> same id
  /** ping = answered and forgotten (channel's own liveness test); event = stored before the reply is sent. */
  readonly type: 'event' | 'ping'
  /** Topic and kin, kept beside the raw body for `readWebhook`. No personal data. */
  readonly meta: Readonly<Record<string, string>>
  readonly reply: { readonly status: number; readonly body: string; readonly contentType?: string }
}

/** What a stored delivery means: documents it carries, and ids to fetch when it only says "something changed". */
export interface DeliveryContent {
  readonly records: readonly RawRecord[]
  readonly fetch: readonly { readonly kind: RawKind; readonly externalId: string }[]
  /** A channel's demand about personal data; a person confirms it. */
  readonly privacy?: PrivacyNotice
}

/** Somebody asks, by the channel, for what is held of them or for its erasure; or the connection is over and everything of it goes. */
export interface PrivacyNotice {
  readonly ask: 'erase' | 'erase-all' | 'export'
  /** Orders by the channel's ids, where they are named. */
  readonly orders: readonly string[]
  /** The channel's own number of the request; never a name or a contact. */
  readonly reference?: string
}

export interface WebhookState {
  readonly healthy: boolean
  readonly detail: string
  readonly topics: readonly string[]
  /** Ids the channel gave our subscriptions, so that they can be watched and removed. */
  readonly ids: readonly string[]
  readonly repaired: boolean
}

/**
 * For channels that send the messages of every shop an app serves to one address, `/hooks/apps/<channel>`. Pure; `shopsIn` runs
 * before anything is verified, so it only chooses whose secret is tried and never throws.
 */
export interface WebhookRouting<C> {
  /** The shops a delivery is about, as the channel names them; empty when it names none (a trial of the address). */
  shopsIn(inbound: Inbound): readonly string[]
  /** The shop of a connection in the same words. */
  shopOf(config: C): string
}

/**
 * The channel's signature on its own, for `hub channels sign|verify`: what support lays beside the vendor's own tool.
 * Pure, no network. The input carries request parts and secrets by the vendor's names.
 */
export interface Signing {
  /** @throws ChannelError(misconfigured) that names the part that is missing */
  sign(input: Readonly<Record<string, unknown>>): Signed
  /** Where a signature cannot simply be made again and compared (public keys). `signature` is among the parts. */
  verify?(input: Readonly<Record<string, unknown>>): Verdict
}
export interface Signed {
  readonly stringToSign: string
  readonly signature: string
}
export interface Verdict {
  readonly valid: boolean
  readonly reason?: string
}
