import { z } from 'zod'
import { Match, Pointer } from '../../src/core/pick.ts'
import { placeholders, Template, templateNames } from './template.ts'
import { Clock } from './time.ts'

/** A path below the base address, with placeholders in braces. */
const path = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\s?#\\]+$/, 'A path without "?" and "#"; parameters go into "query".')
  .refine((text) => !text.split('/').includes('..') && !text.includes('://'), 'A path below the base address.')
const query = z.record(z.string().min(1).max(100), z.string().max(500)).default({})
const name = z.string().regex(/^[A-Za-z][\w-]{0,39}$/, 'Letters, digits, "_" and "-".')
const header = z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'The name of an HTTP header.')
/** A figure beside a list. */
const Figure = z.union([z.strictObject({ header: header.transform((text) => text.toLowerCase()) }), z.strictObject({ pointer: Pointer })])
const method = z.enum(['POST', 'PUT', 'PATCH'])

export const Auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  /** `username` and `password` of the credentials. */
  z.strictObject({ type: z.literal('basic') }),
  /** `token` of the credentials behind "Bearer". */
  z.strictObject({ type: z.literal('bearer') }),
  z.strictObject({ type: z.literal('header'), name: header, prefix: z.string().max(40).default('') }),
  z.strictObject({ type: z.literal('query'), name: z.string().min(1).max(80) }),
  /** Client credentials (RFC 6749 §4.4): `clientId` and `clientSecret` buy a token, which is bought anew when it is refused. */
  z.strictObject({ type: z.literal('oauth2'), path, scope: z.string().max(500).optional(), clientIn: z.enum(['basic', 'body']).default('basic') }),
])

const Paging = z.discriminatedUnion('by', [
  /** Lists sorted by change time, oldest first: each page starts anew behind the last change seen, so nothing can slip out of sight. */
  z.strictObject({ by: z.literal('changed'), first: z.int().min(0).max(1).default(1) }),
  z.strictObject({ by: z.literal('page'), first: z.int().min(0).max(1).default(1) }),
  z.strictObject({ by: z.literal('offset') }),
  z.strictObject({ by: z.literal('cursor'), next: Pointer }),
  /** RFC 8288: the answer's own `Link` header with rel="next". */
  z.strictObject({ by: z.literal('link') }),
])
export type Paging = z.output<typeof Paging>

const page = { path, query, items: Pointer, count: Figure.optional(), pages: Figure.optional() }

const listOf = { ...page, paging: Paging }

export const Orders = z
  .strictObject({
    ...listOf,
    id: Pointer,
    /** The first of these that is filled is the time of change. */
    changed: z.array(Pointer).min(1).max(4),
    clock: Clock.prefault({}),
    window: z
      .strictObject({
        clock: Clock.prefault({}),
        from: z.enum(['inclusive', 'exclusive']).default('inclusive'),
        to: z.enum(['inclusive', 'exclusive']).default('exclusive'),
        /** Read so much more before every window, for changes that show late. */
        overlapSeconds: z.int().min(0).max(86_400).default(0),
      })
      .prefault({}),
    detail: z.strictObject({ path, query, item: Pointer.default('') }),
    find: z.strictObject({ path, query, items: Pointer, match: z.array(Pointer).min(1).max(4) }).optional(),
  })
  .superRefine((orders, context) => {
    const allowed = ['from', 'to', 'page', 'offset', 'cursor', 'limit']
    onlyKnown(context, ['query'], Object.values(orders.query).flatMap(placeholders), allowed)
    onlyKnown(context, ['path'], placeholders(orders.path), [])
    onlyKnown(context, ['detail', 'path'], placeholders(orders.detail.path), ['id'])
    const asked = Object.values(orders.query).flatMap(placeholders)
    for (const one of ['from', 'to']) needed(context, { path: ['query'], asked, name: one, why: 'the window to read' })
    if (orders.paging.by !== 'link') {
      const how = orders.paging.by === 'changed' ? 'page' : orders.paging.by
      needed(context, { path: ['query'], asked, name: how, why: `paging by ${orders.paging.by}` })
    }
    if (!placeholders(orders.detail.path).includes('id') && !Object.values(orders.detail.query).flatMap(placeholders).includes('id'))
      context.addIssue({ code: 'custom', path: ['detail', 'path'], message: 'Say where the id goes: {id}.' })
  })

/** Documents of refunds, children of the order that names them. */
export const Refunds = z.strictObject({
  /** Only orders with something here are asked for. */
  when: Pointer,
  path,
  query,
  items: Pointer,
  id: Pointer,
  changed: Pointer,
  currency: Pointer,
})

const sellable = {
  /** What a stock write needs, by names of your own; put together with ":" they are the listing's key. */
  ids: z.record(name, Pointer).refine((ids) => Object.keys(ids).length > 0, 'Name at least one id.'),
  sku: Pointer,
  title: Pointer,
  barcode: Pointer.optional(),
  price: Pointer.optional(),
  quantity: Pointer.optional(),
  /** The quantity counts only then. */
  counted: Match.optional(),
  active: Match.optional(),
  skip: Match.optional(),
}
export const Listings = z.strictObject({
  ...listOf,
  ...sellable,
  /** Variants that are lists of their own: {name} stands for an id of their parent. */
  variants: z.strictObject({ ...listOf, when: Match, ...sellable }).optional(),
})
export type Sellable = Pick<z.output<typeof Listings>, keyof typeof sellable>

const StockWrite = z
  .strictObject({
    /** Only listings with this id; the first rule that fits is taken. */
    when: name.optional(),
    method: method.default('POST'),
    path,
    query,
    body: Template,
    batch: z.int().min(1).max(100).default(1),
    /** The answer's list with one entry a level, known again by `id` = the level's own id called `item`. Absent: a 2xx is a yes. */
    answer: z
      .strictObject({ items: Pointer, id: Pointer, item: name, error: Pointer.optional(), code: Pointer.optional(), quantity: Pointer.optional() })
      .optional(),
  })
  .superRefine((write, context) => {
    if (write.batch > 1 && !templateNames(write.body).lists.includes('items'))
      context.addIssue({ code: 'custom', path: ['body'], message: 'A batch repeats something: { "$each": "items", … }.' })
  })
const StockRead = z.strictObject({
  when: name.optional(),
  path,
  query,
  items: Pointer,
  item: name,
  id: Pointer,
  quantity: Pointer,
  counted: Match.optional(),
  batch: z.int().min(1).max(100).default(1),
})
export const Stock = z.strictObject({ write: z.array(StockWrite).min(1).max(4), read: z.array(StockRead).max(4).default([]) })
export type StockWrite = z.output<typeof StockWrite>
export type StockRead = z.output<typeof StockRead>

export const SHIP_NAMES = [
  'orderId',
  'orderNo',
  'carrier',
  'carrierName',
  'trackingNo',
  'trackingUrl',
  'shippedAt',
  'notify',
  'key',
  'package',
] as const
const SHIP_LINE_NAMES = ['line', 'quantity'] as const

export const Shipping = z
  .strictObject({
    method: method.default('POST'),
    path,
    query,
    body: Template,
    /** Where the answer names the package; absent: a 2xx is a yes. */
    id: Pointer.optional(),
    /** False: only whole orders leave. */
    partial: z.boolean().default(true),
    /** Our carrier codes → the channel's; others are refused unless "keep". */
    carriers: z.record(z.string(), z.string().max(100)).default({}),
    unknownCarrier: z.enum(['keep', 'refuse']).default('refuse'),
    /** A second call with the last package of an order, which may be repeated. */
    whenLast: z.strictObject({ method: method.default('PUT'), path, query, body: Template }).optional(),
    /** Instead of the first call, where the buyer collected the goods; may be repeated. Without lines in its body it waits for the last piece. */
    collected: z.strictObject({ method: method.default('PUT'), path, query, body: Template }).optional(),
    /** What the channel already has of an order. */
    read: z.strictObject({
      path,
      query,
      items: Pointer,
      id: Pointer,
      trackingNo: Pointer,
      carrier: Pointer.optional(),
      cancelled: Match.optional(),
      lines: z.strictObject({ items: Pointer, line: Pointer, quantity: Pointer }).optional(),
    }),
  })
  .superRefine((ship, context) => {
    const inBody = templateNames(ship.body)
    onlyKnown(context, ['body'], inBody.names, [...SHIP_NAMES, ...SHIP_LINE_NAMES])
    onlyKnown(context, ['path'], placeholders(ship.path), SHIP_NAMES)
    if (ship.collected) {
      onlyKnown(context, ['collected', 'body'], templateNames(ship.collected.body).names, [...SHIP_NAMES, ...SHIP_LINE_NAMES])
      onlyKnown(context, ['collected', 'path'], placeholders(ship.collected.path), SHIP_NAMES)
    }
    onlyKnown(context, ['read', 'path'], placeholders(ship.read.path), ['orderId', 'orderNo'])
    if (ship.partial && !inBody.lists.includes('lines'))
      context.addIssue({
        code: 'custom',
        path: ['body'],
        message: 'Parts of an order need their lines: { "$each": "lines", … }. Or set "partial" to false.',
      })
  })

/** A call of `Shipping` that may be made again. */
export type Repeatable = NonNullable<z.output<typeof Shipping>['collected']>

export const Webhook = z.strictObject({
  signature: z.strictObject({
    header: header.transform((text) => text.toLowerCase()),
    algorithm: z.enum(['hmac-sha1', 'hmac-sha256']).default('hmac-sha256'),
    encoding: z.enum(['hex', 'base64']).default('base64'),
    /** Before the signature, e.g. "sha256=". */
    prefix: z.string().max(40).default(''),
  }),
  topicHeader: header.transform((text) => text.toLowerCase()).optional(),
  /** Topics that are about orders begin so; others are stored and carry nothing. */
  topics: z.array(z.string().min(1).max(80)).max(20).default([]),
  /** The same delivery twice carries the same text here; without it topic and body say so. */
  idHeader: header.transform((text) => text.toLowerCase()).optional(),
  /** The order's id in the body. */
  id: Pointer,
  /** The whole order in the body, where `complete` is there too; else the order is asked for. */
  order: Pointer.optional(),
  complete: Pointer.optional(),
  /** An unsigned body of these characters and then digits is the channel's own trial of the address. */
  ping: z.string().min(1).max(60).optional(),
})
export type Webhook = z.output<typeof Webhook>

const KINDS = ['transient', 'throttled', 'unauthorized', 'misconfigured', 'refused', 'missing'] as const
export const Errors = z.strictObject({
  code: Pointer.default('/code'),
  /** Error codes that do not mean what their HTTP status says. */
  kinds: z.record(z.string().min(1).max(120), z.enum(KINDS)).default({}),
  /** The channel answers errors under 200: whatever has a code, but for these. */
  inBody: z.boolean().default(false),
  good: z.array(z.string().max(80)).max(20).default([]),
})

type Issues = Pick<z.core.$RefinementCtx, 'addIssue'>

/** Placeholders nobody fills would travel as they stand. */
function onlyKnown(context: Issues, at: readonly string[], asked: readonly string[], known: readonly string[]): void {
  for (const one of asked)
    if (!known.includes(one))
      context.addIssue({
        code: 'custom',
        path: [...at],
        message: `{${one}} is not known here. Known: ${known.map((each) => `{${each}}`).join(', ') || 'none'}.`,
      })
}

function needed(
  context: Issues,
  given: { readonly path: string[]; readonly asked: readonly string[]; readonly name: string; readonly why: string },
): void {
  if (!given.asked.includes(given.name))
    context.addIssue({ code: 'custom', path: given.path, message: `Nothing asks for {${given.name}}: ${given.why} needs it.` })
}
