import { z } from 'zod'
import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { retryAfterMs } from '../../src/kit/http-faults.ts'
import { parsedOrNothing } from '../../src/kit/read.ts'

/** Points of one query, as every answer tells them. `actual` is undefined for a query that was not run. */
export interface Cost {
  readonly requested: number
  readonly available: number
  readonly restoreRate: number
}

const number = z.coerce.number()
const costShape = z.object({
  extensions: z.object({
    cost: z.object({
      requestedQueryCost: number,
      throttleStatus: z.object({ currentlyAvailable: number, restoreRate: number }),
    }),
  }),
})

export function costOf(doc: unknown): Cost | undefined {
  const read = costShape.safeParse(doc)
  if (!read.success) return undefined
  const { requestedQueryCost: requested, throttleStatus } = read.data.extensions.cost
  return { requested, available: throttleStatus.currentlyAvailable, restoreRate: throttleStatus.restoreRate }
}

/** How long until the same query can be paid again; the longest wait that is believed is five minutes. */
export function waitMs(cost: Cost): number {
  if (cost.available >= cost.requested) return 0
  return Math.min(Math.ceil(((cost.requested - cost.available) / Math.max(cost.restoreRate, 1)) * 1000), 300_000)
}

const errorsShape = z.object({
  errors: z.union([
    z.string(),
    z.array(z.object({ message: z.string().default(''), extensions: z.object({ code: z.string().optional() }).optional() })).min(1),
  ]),
})

/** What Shopify's GraphQL error codes ask for next. */
const KINDS: Readonly<Record<string, FaultKind>> = {
  THROTTLED: 'throttled',
  MAX_COST_EXCEEDED: 'misconfigured',
  ACCESS_DENIED: 'unauthorized',
  SHOP_INACTIVE: 'misconfigured',
  INTERNAL_SERVER_ERROR: 'transient',
  TIMEOUT: 'transient',
  undefinedField: 'unreadable',
  argumentNotAccepted: 'unreadable',
  missingRequiredInputObjectAttribute: 'unreadable',
  NOT_FOUND: 'missing',
  BAD_REQUEST: 'refused',
}

/** HTTP statuses of Shopify's that mean something of their own. */
const STATUSES: Readonly<Record<number, { readonly kind: FaultKind; readonly message: string }>> = {
  402: { kind: 'misconfigured', message: 'The shop is frozen: its bill is unpaid.' },
  404: { kind: 'misconfigured', message: 'There is no shop, or no such API version, at this address.' },
  423: { kind: 'misconfigured', message: 'Shopify has locked the shop.' },
  430: { kind: 'misconfigured', message: "Shopify's protection refused the call. Let the hub through by its address." },
}

/** Shopify answers most errors with HTTP 200 and a code in the body, throttling among them. Undefined when the answer carries none. */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Fault | undefined {
  const own = STATUSES[status]
  if (own) return { ...own, code: String(status), status }
  if (!/"errors"\s*:\s*["[]/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const { data } = errorsShape.safeParse(doc)
  if (!data || typeof data.errors === 'string') return undefined
  const [first] = data.errors
  const code = first?.extensions?.code ?? 'ERROR'
  const kind = KINDS[code] ?? (status === 200 && code === 'ERROR' ? 'refused' : status >= 500 ? 'transient' : 'refused')
  const cost = kind === 'throttled' ? costOf(doc) : undefined
  // A wait the header names is the door's to read.
  const isTold = retryAfterMs(headers['retry-after'], new Date()) !== undefined
  return {
    kind,
    code,
    status,
    ...(kind === 'throttled' && !isTold ? { retryAfterMs: cost ? Math.max(waitMs(cost), 100) : 2000 } : {}),
    message: `Shopify answered ${code}${EXPLAINED[code] ?? ''}${quoted(first?.message ?? '')}.`,
  }
}

const EXPLAINED: Readonly<Record<string, string>> = {
  THROTTLED: ': the points are used up for the moment',
  MAX_COST_EXCEEDED: ': one query asks for too much; lower the orders per page',
  ACCESS_DENIED: ': the app lacks an access scope',
  SHOP_INACTIVE: ': the shop is closed',
}

/** Messages about fields and scopes quote the schema, never data; of others nothing is repeated. */
const quoted = (message: string): string => {
  const field = /^Field '(\w+)' doesn't exist on type '(\w+)'/.exec(message)
  const scope = /Required access: [`'"]?([\w, `'"]{1,80})/.exec(message)
  return field ? ` (${field[2]}.${field[1]})` : scope ? ` (${scope[1]?.replace(/[`'"]/g, '')})` : ''
}
