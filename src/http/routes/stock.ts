import { z } from 'zod'
import { sharedLevel } from '../../deliver/desired.ts'
import { moveStock, setStock } from '../../deliver/stock.ts'
import { listStock, stockLedger, stockPushes, whyListing } from '../../store/read/stock.ts'
import { loadScales } from '../../deliver/rule-scales.ts'
import { decidedBy } from '../../deliver/rules.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import { connectionId, cursor, instant, limit, line, listOf, nothing, record, skuCode, text, visible } from '../fields.ts'
import { requirePlace, withinPlaces } from '../places.ts'
import { requireConnection, requireWholeHub } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const stockRow = z.looseObject({
  sku: z.string(),
  title: z.string(),
  on_hand: z.string(),
  reserved: z.string(),
  safety: z.string(),
  held: z.string(),
  future: z.string(),
  sells_ahead: z.boolean(),
  parts: z.array(record),
  promisable: z.string(),
  published: z.string(),
  exposure: z.string(),
  locations: z.array(record),
  cells: z.array(record),
})

const list = route({
  method: 'get',
  path: '/v1/stock',
  tag: 'Stock',
  summary: 'SKU by SKU: what is there, what is promised, what each connection shows',
  scope: 'stock:read',
  byPlace: true,
  params: nothing,
  body: nothing,
  query: z.strictObject({ sku: text(200).optional(), q: text(100).optional(), cursor, limit: limit(200, 50) }),
  answer: listOf(stockRow),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'sku', TEXT, TEXT)
    const rows = await listStock(
      deps.pool,
      { sku: query.sku, q: query.q?.trim() === '' ? undefined : query.q, after: after?.value, limit: query.limit },
      who.connections,
    )
    const found = page(rows, query.limit, (row) => ({ sort: 'sku', value: row.sku, id: row.sku }))
    return { ...found, items: found.items.map((row) => withinPlaces(who, row)) }
  },
})

const why = route({
  method: 'get',
  path: '/v1/stock/{sku}/why',
  tag: 'Stock',
  summary: 'How a number came about: the formula, the ledger, what was told',
  scope: 'stock:read',
  params: z.strictObject({ sku: skuCode }),
  body: nothing,
  query: z.strictObject({ connection: connectionId.optional() }),
  answer: z.looseObject({
    formula: z.array(z.object({ term: z.string(), value: z.string() })),
    rules: z.array(z.object({ field: z.string(), value: z.string(), rule: z.string(), id: z.number() })),
    ledger: z.array(record),
    pushes: z.array(record),
  }),
  async handle({ deps, who, params, query }) {
    if (query.connection !== undefined) requireConnection(who, query.connection)
    const [row] = await listStock(deps.pool, { sku: params.sku, limit: 1 }, who.connections)
    if (!row) throw notFound('SKU')
    const listing = query.connection === undefined ? undefined : await whyListing(deps.pool, params.sku, query.connection)
    if (query.connection !== undefined && !listing) throw notFound('connection')
    const scale =
      query.connection === undefined || !listing
        ? undefined
        : (await loadScales(deps.pool, deps.pool, [params.sku])).of(query.connection, params.sku, listing)
    const own = listing &&
      scale && [
        ...(scale.atHand === null ? [] : [{ term: 'at_hand', value: listing.escrow === null ? scale.atHand.shared : scale.atHand.all }]),
        ...(scale.pool === null ? [] : [{ term: 'open', value: scale.pool }]),
        ...(scale.located === null ? [] : [{ term: 'located', value: scale.located }]),
        ...(scale.quota === null ? [{ term: 'share', value: scale.share }] : [{ term: 'fixed', value: String(scale.quota) }]),
        { term: 'buffer', value: String(scale.buffer) },
        ...(scale.maximum === null ? [] : [{ term: 'maximum', value: String(scale.maximum) }]),
        ...(listing.learned === null ? [] : [{ term: 'learned_buffer', value: String(listing.learned.buffer) }]),
        ...(listing.escrow === null ? [] : [{ term: 'escrow', value: listing.escrow }]),
        // Under quota it is told from its own units; a level in doubt or on the wire is the older one, which stands beside it.
        { term: 'desired', value: String(listing.escrow === null && row.counted ? sharedLevel(row.promisable, scale) : (listing.desired ?? '')) },
        { term: 'confirmed', value: String(listing.confirmed ?? '') },
        { term: 'shown', value: listing.shown ?? '' },
      ]
    return {
      sku: row.sku,
      title: row.title,
      counted: row.counted,
      formula: [
        { term: 'on_hand', value: row.on_hand },
        { term: 'reserved', value: row.reserved },
        { term: 'safety', value: row.safety },
        ...(row.held === '0' ? [] : [{ term: 'held', value: row.held }]),
        ...(row.sells_ahead && row.future !== '0' ? [{ term: 'future', value: row.future }] : []),
        { term: 'promisable', value: row.promisable },
        ...(own ?? []),
        { term: 'published', value: row.published },
        { term: 'exposure', value: row.exposure },
      ],
      connection: listing ?? null,
      rules: scale === undefined ? [] : decidedBy(scale).map(({ field, value, name, id }) => ({ field, value, rule: name, id })),
      ledger: await stockLedger(deps.pool, params.sku),
      pushes: await stockPushes(deps.pool, params.sku, query.connection, who.connections),
    }
  },
})

/** Decimal text; a whole number is exact as a JSON number too. */
const unsigned = z
  .union(
    [z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be a decimal string or a whole number'), z.int().min(0).max(999_999_999_999)],
    'must be a decimal string or a whole number',
  )
  .transform(String)
const signed = z
  .union(
    [z.string().regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'must be a decimal string or a whole number'), z.int().min(-999_999_999_999).max(999_999_999_999)],
    'must be a decimal string or a whole number',
  )
  .transform(String)
const itemResult = z.looseObject({ sku: z.string(), location: z.string(), result: z.string() })

const set = route({
  method: 'post',
  path: '/v1/stock',
  tag: 'Stock',
  summary: 'Absolute counts; late and repeated ones are harmless',
  scope: 'stock:write',
  byPlace: true,
  audit: 'stock.set',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(
        z.strictObject({ sku: skuCode, location: visible(60).optional(), on_hand: unsigned, as_of: instant.optional(), ref: line(200).optional() }),
      )
      .min(1)
      .max(1000),
  }),
  answer: z.object({ items: z.array(itemResult) }),
  async handle({ deps, who, body, note }) {
    // One pool of goods for all connections: who sees some of them does not count it for the others.
    requireWholeHub(who)
    for (const item of body.items) requirePlace(who, item.location ?? 'main')
    const results = await setStock(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      body.items.map((item) => ({
        sku: item.sku,
        location: item.location ?? 'main',
        onHand: item.on_hand,
        ...(item.as_of !== undefined && { asOf: item.as_of }),
        ...(item.ref !== undefined && { ref: item.ref }),
      })),
    )
    note({ items: results.length, set: results.filter((item) => item.result === 'set').length })
    return { items: results }
  },
})

const move = route({
  method: 'post',
  path: '/v1/stock/movements',
  tag: 'Stock',
  summary: 'Receipts, issues and corrections; the same ref twice is harmless',
  scope: 'stock:write',
  byPlace: true,
  audit: 'stock.move',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(z.strictObject({ sku: skuCode, location: visible(60).optional(), delta: signed, ref: line(200), at: instant.optional() }))
      .min(1)
      .max(1000),
  }),
  answer: z.object({ items: z.array(itemResult) }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    for (const item of body.items) requirePlace(who, item.location ?? 'main')
    const results = await moveStock(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      body.items.map((item) => ({
        sku: item.sku,
        location: item.location ?? 'main',
        delta: item.delta,
        ref: item.ref,
        ...(item.at !== undefined && { at: item.at }),
      })),
    )
    const moved = results.filter((item) => item.result === 'moved')
    note({ items: results.length, moved: moved.length })
    return {
      items: results.map(({ n, ...item }) => ({ ...item, location: body.items[n - 1]?.location ?? 'main', ref: body.items[n - 1]?.ref ?? null })),
    }
  },
})

export const stockRoutes: readonly Route[] = [list, why, set, move]
