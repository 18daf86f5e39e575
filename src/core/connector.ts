import type { z } from 'zod'
import type { Fault } from './fault.ts'
import type { Http, HttpRequest, HttpResponse } from './http.ts'
import type { RawKind } from './mapping.ts'
import type { ChannelShipment, Instant } from './order.ts'
import type { OpenedRecipient, SealedRecipient } from './recipient.ts'
import type { Delivery, DeliveryContent, Inbound, Signing, WebhookRouting, WebhookState } from './webhook.ts'

/** Position inside one window: flat and JSON-safe, so that it can be stored, shown and edited by hand in emergencies. */
export type Cursor = Readonly<Record<string, string | number | boolean>>

/** One channel document exactly as received. */
export interface RawRecord {
  readonly kind: RawKind
  readonly externalId: string
  /** Order a refund belongs to, where the document itself does not say. */
  readonly parentId?: string
  /** The channel's own last-change time; undefined where it has none (files, thin notices). */
  readonly sourceTime?: Instant
  /** Verbatim text (a slice of the page as received). */
  readonly payload: string
  /**
   * Same document parsed losslessly, when the connector had to parse it anyway; saves a second parse in the same process. Whoever
   * reads pages takes it away once it is mapped: parsed, a document is several times its text, and a page of them need not live at once.
   */
  doc?: unknown
}

/** Resuming at `cursor` yields every record after this page and may repeat records of it. `cursor: null` = the window is complete. */
export interface Page {
  readonly records: readonly RawRecord[]
  readonly cursor: Cursor | null
}

/** Half-open [from, to) over the channel's change time. Sweep streams get no window. */
export interface PullRequest {
  readonly stream: string
  readonly window?: { readonly from: Instant; readonly to: Instant }
  /** Cursor of the last page that was committed, within this very window. */
  readonly after?: Cursor
  /** Sweep streams: the hub's own open orders (channel ids), for channels whose change time does not move. */
  readonly openOrders?: readonly string[]
}

export interface Stream {
  readonly id: string
  /** window = by change time; sweep = read as a whole each time (open orders, channels without a usable change time). */
  readonly mode: 'window' | 'sweep'
  /** A sweep over the hub's finished orders of so many days instead of its open ones: for refunds that move no change time. */
  readonly finishedDays?: number
  readonly pageSize: number
  readonly maxWindowHours?: number
  /** Re-read this much before the watermark: ties, late visibility. */
  readonly overlapSeconds?: number
  /** Never ask for changes younger than this. */
  readonly lagSeconds?: number
  readonly everySeconds: number
}

export type Outcome =
  | { readonly key: string; readonly status: 'applied' | 'unchanged'; readonly proof?: Readonly<Record<string, string>> }
  | { readonly key: string; readonly status: 'refused' | 'unknown'; readonly fault: Fault }

/** A channel's own SKU. `key` is stable on the connection ("product" or "product:variant"). */
export interface ChannelListing {
  readonly key: string
  readonly ids: Readonly<Record<string, string>> // what a stock write needs (product, variant, location…)
  readonly sku: string // merchant code at the channel, "" when none
  readonly barcode?: string
  readonly title: string
  readonly price?: string // decimal text in the shop's currency
  readonly quantity?: string // shown now; undefined = not managed
  readonly active: boolean
}
export interface ListingPage {
  readonly listings: readonly ChannelListing[]
  readonly cursor: Cursor | null
}

/** One absolute level (or cas with `expected`) for one listing. */
export interface InventoryWrite {
  readonly key: string // listing key
  readonly ids: Readonly<Record<string, string>>
  readonly sku: string
  readonly quantity: number
  /** Only for channels that write `cas`: take the level where this is shown, else refuse it with `LEVEL_CHANGED`. */
  readonly expected?: number
  readonly idempotencyKey: string
}
/** Code of a refusal because the channel shows another number than `expected`: nothing was changed, and the level may be set again. */
export const LEVEL_CHANGED = 'level-changed'
export interface InventoryReading {
  readonly key: string
  readonly quantity: number | undefined // undefined = the channel does not know or does not manage it
}

export interface ShipmentWrite {
  readonly key: string // our package no., unique within the order
  readonly channelOrderNo: string
  readonly orderId: string // channel's internal id = raw externalId
  readonly carrier: { readonly code: string; readonly name: string; readonly trackingUrl?: string }
  /** Empty where the buyer collected the goods (carrier code PICKUP). */
  readonly trackingNo: string
  readonly lines: readonly { readonly channelLineNo: string; readonly quantity: number }[]
  /** true when nothing of the order remains after this package. */
  readonly last: boolean
  readonly shippedAt: Instant
  readonly idempotencyKey: string
  readonly notifyBuyer: boolean
}

export interface CancelDecision {
  readonly key: string
  readonly channelOrderNo: string
  readonly orderId: string
  readonly requestId?: string
  readonly decision: 'accept' | 'reject'
  readonly reason: string
}

/** Each capability is declared as data and implemented as one function of the same name. */
export interface Capabilities {
  readonly pullOrders?: { readonly streams: readonly Stream[] }
  /** The channel has to be told when what was read is safe (files are archived then). */
  readonly commitPull?: Readonly<Record<string, never>>
  readonly fetchOrder?: { readonly maxBatch: number }
  /** Free search by what people type: number, id. */
  readonly findOrders?: { readonly by: readonly ('id' | 'number' | 'tracking')[] }
  /** Order count and ids of a window, for the daily sweep and the ledger. */
  readonly listOrderIds?: { readonly maxWindowHours: number }
  readonly pullListings?: { readonly pageSize: number }
  readonly verifyWebhook?: {
    readonly topics: readonly string[]
    readonly secretScope: 'app' | 'connection'
    /** Where the signature covers a time: deliveries older than this are refused as replayed. Absent where none is signed. */
    readonly maxAgeSeconds?: number
  }
  readonly readWebhook?: Readonly<Record<string, never>>
  readonly ensureWebhooks?: { readonly checkEverySeconds: number }
  readonly pushInventory?: {
    readonly write: 'absolute' | 'cas' | 'delta'
    readonly maxBatch: number
    /** An order is listed at most this long after it was placed. */
    readonly lagSeconds: number
    readonly skewSeconds: number
    /** How long a sent write may still land. */
    readonly tMaxSeconds: number
    readonly restocks: boolean // a cancel gives the unit back to the shelf at the channel
    readonly decrementAt: 'placing' | 'paying'
  }
  readonly readInventory?: { readonly maxBatch: number }
  /** `pickup`: can be told that the buyer collected the goods, too (carrier code PICKUP, no tracking number); elsewhere a person is asked to do it there. */
  readonly pushShipment?: { readonly partial: boolean; readonly pickup?: boolean }
  readonly readShipments?: Readonly<Record<string, never>>
  readonly decideCancel?: { readonly decisions: readonly ('accept' | 'reject')[] }
  readonly refreshToken?: { readonly warnDays: number }
  /**
   * The channel opens a recipient it sealed. `perDay`: so many a day and connection, where it publishes a quota; `perDaySetting`: the
   * setting that holds the connection's own instead, 0 for none.
   */
  readonly decryptRecipient?: { readonly perDay?: number; readonly perDaySetting?: string }
}

export interface Implementations<C, S> {
  pullOrders(call: Call<C, S>, request: PullRequest): AsyncIterable<Page>
  /**
   * Called after the last page of a pull was committed, with the same stream. May be called again or, after a crash, not
   * at all: the next pull then reads the same documents once more. A pull itself must not change anything at the channel.
   */
  commitPull(call: Call<C, S>, stream: string): Promise<void>
  /** Authoritative reads. Ids the channel does not know are simply absent from the answer. */
  fetchOrder(call: Call<C, S>, ids: readonly string[]): Promise<readonly RawRecord[]>
  findOrders(call: Call<C, S>, text: string): Promise<readonly RawRecord[]>
  listOrderIds(call: Call<C, S>, window: { readonly from: Instant; readonly to: Instant }): AsyncIterable<readonly string[]>
  pullListings(call: Call<C, S>, after: Cursor | undefined): AsyncIterable<ListingPage>
  /**
   * Pure, no network. Throws ChannelError(unauthorized) on a bad signature, also when our secret is empty. `config` are the
   * connection's settings, for channels whose signature is described there.
   */
  verifyWebhook(inbound: Inbound, secrets: S, now: Date, config?: C): Delivery
  /** Pure. Throws ChannelError(unreadable). */
  readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent
  /** Creates missing subscriptions, re-activates disabled ones, removes strays of ours; idempotent. */
  ensureWebhooks(call: Call<C, S>, target: { readonly url: string; readonly secret: string }): Promise<WebhookState>
  /** One Outcome per write. Exactly one HTTP attempt per batch: no retry inside. */
  pushInventory(call: Call<C, S>, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]>
  readInventory(call: Call<C, S>, listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[]): Promise<readonly InventoryReading[]>
  pushShipment(call: Call<C, S>, shipment: ShipmentWrite): Promise<Outcome>
  readShipments(call: Call<C, S>, orderId: string): Promise<readonly ChannelShipment[]>
  decideCancel(call: Call<C, S>, decision: CancelDecision): Promise<Outcome>
  /**
   * One recipient in clear, by the channel. What comes back is shown and never stored.
   * @throws ChannelError `refused` where the channel will not open it (its quota is spent, the order too old), with its own words
   */
  decryptRecipient(call: Call<C, S>, sealed: SealedRecipient): Promise<OpenedRecipient>
  /** A fresh token set; called single-flight by the framework. */
  refreshToken(call: Call<C, S>): Promise<Tokens>
}

export interface Tokens {
  readonly values: Readonly<Record<string, string>>
  readonly expiresAt?: Instant
}

export type { Http, HttpRequest, HttpResponse }
export type { OpenedRecipient, RecipientPurpose, SealedRecipient } from './recipient.ts'
export type { Delivery, DeliveryContent, Inbound, Signed, Signing, Verdict, WebhookRouting, WebhookState } from './webhook.ts'

/** What a connector is given: nothing global, nothing it could keep. */
export interface Call<C, S> {
  readonly connectionId: string
  readonly config: C
  readonly secrets: S
  readonly http: Http
  /** Current tokens (see refreshToken); `renew` gets a new set once, single-flight across workers. */
  readonly tokens: () => Promise<Readonly<Record<string, string>>>
  readonly renew: (stale: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, string>>>
  readonly now: () => Date
  readonly signal: AbortSignal
  /** Local folders for file connections, inside HUB_HOME; absent elsewhere. */
  readonly folder?: string
  /** `host:port` pairs that may be private, for connectors that open sockets of their own (SFTP). */
  readonly allowPrivate?: readonly string[]
}

export interface Limit {
  readonly id: string
  readonly scope: 'app' | 'connection'
  readonly calls: number
  readonly perSeconds: number
  readonly burst?: number
}

export interface Label {
  readonly en: string
  readonly zh: string
}

export interface Manifest<C extends z.ZodType, S extends z.ZodType, K extends Capabilities> {
  readonly id: string // = folder name
  readonly title: Label
  readonly kind: 'marketplace' | 'storefront' | 'pos' | 'mini-program' | 'files' | 'portal' | 'custom'
  readonly stability: 'experimental' | 'beta' | 'stable'
  readonly api: { readonly version: string; readonly docs: string }
  /** Non-secret settings; every field carries `.meta({ title: {en, zh}, … })`. */
  readonly config: C
  /** Settings that steer how documents are read: they are versioned with the rules people make. */
  readonly mappingSettings?: readonly string[]
  /** Write-only in the console; no field has a default. */
  readonly secrets: S
  readonly limits: readonly Limit[]
  /** The base URL of one connection (SSRF guard, relays), undefined for files. */
  hosts(config: z.output<C>): readonly string[]
  /**
   * What tells the shops of this channel apart, where the settings say it (an address, an account): two connections with
   * the same text would read every order twice. Absent where only the credentials know.
   */
  shop?(config: z.output<C>): string
  readonly capabilities: K
}

export type Connector<C extends z.ZodType, S extends z.ZodType, K extends Capabilities> = {
  readonly manifest: Manifest<C, S, K>
  /** Channel-specific reading of an answer; undefined falls back to the HTTP status table. Called on every answer. */
  readonly classify?: (status: number, body: string, headers: Readonly<Record<string, string>>) => Fault | undefined
  /** The "test connection" button: a few cheap authorised calls, reported step by step. Throws ChannelError. */
  check(call: Call<z.output<C>, z.output<S>>): Promise<readonly CheckStep[]>
  readonly routeWebhook?: WebhookRouting<z.output<C>>
  readonly signing?: Signing
} & Pick<Implementations<z.output<C>, z.output<S>>, keyof K & keyof Implementations<never, never>>

export interface CheckStep {
  readonly step: Label
  readonly ok: boolean
  readonly detail?: string
  /** A setting the channel has a closed list for: a person chooses one of these values, nothing else. */
  readonly offers?: { readonly setting: string; readonly values: readonly { readonly value: string; readonly name: string }[] }
}

export const defineConnector = <C extends z.ZodType, S extends z.ZodType, const K extends Capabilities>(
  connector: Connector<C, S, K>,
): Connector<C, S, K> => connector
export const defineManifest = <C extends z.ZodType, S extends z.ZodType, const K extends Capabilities>(
  manifest: Manifest<C, S, K>,
): Manifest<C, S, K> => manifest

/** A connector of the registry, its own types forgotten: config and secrets were parsed by its zod schemas before any call. */
export interface AnyConnector extends Partial<Implementations<unknown, unknown>> {
  readonly manifest: Manifest<z.ZodType, z.ZodType, Capabilities>
  readonly classify?: Connector<z.ZodType, z.ZodType, Capabilities>['classify']
  check(call: Call<unknown, unknown>): Promise<readonly CheckStep[]>
  readonly routeWebhook?: WebhookRouting<unknown>
  readonly signing?: Signing
}
export type Registry = ReadonlyMap<string, AnyConnector>
