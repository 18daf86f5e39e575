import { z } from 'zod'
import { bindListings } from '../../store/edit/bind-listings.ts'
import { listListings } from '../../store/read/listings.ts'
import { suggestFor } from '../../store/suggest/suggest-for.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import { connectionId, cursor, limit, line, listOf, nothing, skuCode, text } from '../fields.ts'
import { requireConnection } from '../principal.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

/** 0 to 1 in a query string. */
const share = z
  .string()
  .regex(/^(0(\.\d{1,4})?|1(\.0{1,4})?)$/, 'must lie between 0 and 1')
  .transform(Number)
  .meta({ 'x-wire': { type: 'number', minimum: 0, maximum: 1 } })

const listing = z.looseObject({
  connection_id: z.string(),
  listing_key: z.string(),
  channel_sku: z.string(),
  title: z.string(),
  sku: z.string().nullable(),
  bound: z.string(),
  suggestions: z.array(z.object({ sku: z.string(), title: z.string(), confidence: z.number(), why: z.array(z.enum(['code', 'barcode', 'title'])) })),
})
const cursorOf = (row: { readonly connection_id: string; readonly listing_key: string }) => ({
  sort: 'listing',
  value: row.connection_id,
  id: row.listing_key,
})

const listings = route({
  method: 'get',
  path: '/v1/listings',
  tag: 'Listings',
  summary: "The channels' own SKUs and what they are bound to",
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    connection: connectionId.optional(),
    bound: z.enum(['bound', 'unbound', 'ignored']).optional(),
    q: text(100).optional(),
    key: text(300).optional(),
    cursor,
    limit: limit(200, 50),
  }),
  answer: listOf(listing),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'listing', TEXT, TEXT)
    const rows = await listListings(deps.pool, { ...query, q: query.q?.trim() === '' ? undefined : query.q, after }, who.connections)
    return page(await suggestFor(deps.pool, rows), query.limit, cursorOf)
  },
})

const suggestions = route({
  method: 'get',
  path: '/v1/listings/suggestions',
  tag: 'Listings',
  summary: 'Unbound listings whose best suggestion is at least so certain; binding them is a second call, by a person',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ connection: connectionId.optional(), min: share.optional(), cursor, limit: limit(500, 200) }),
  answer: z.object({ ...listOf(listing).shape, looked_at: z.number() }),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'listing', TEXT, TEXT)
    const rows = await listListings(deps.pool, { connection: query.connection, bound: 'unbound', after, limit: query.limit }, who.connections)
    const looked = page(rows, query.limit, cursorOf)
    const suggested = await suggestFor(deps.pool, looked.items)
    return {
      ...looked,
      items: suggested.filter((row) => (row.suggestions[0]?.confidence ?? 0) >= (query.min ?? 0.8)),
      looked_at: looked.items.length,
    }
  },
})

const bind = route({
  method: 'post',
  path: '/v1/listings/bind',
  tag: 'Listings',
  summary: 'Bind listings to SKUs; orders that wait for it are named, to be replayed',
  scope: 'listings:bind',
  audit: 'listings.bind',
  params: nothing,
  query: nothing,
  body: z
    .array(
      z.strictObject({
        connection: connectionId,
        listing_key: line(300),
        sku: skuCode.nullable(),
        ignore: z.boolean().optional(),
        if_unbound: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(500),
  answer: z.object({ bound: z.number(), orders_to_replay: z.number(), order_ids: z.array(z.string()) }),
  async handle({ deps, who, body, note }) {
    for (const item of body) requireConnection(who, item.connection)
    const result = await bindListings(
      deps.pool,
      body.map((item) => ({
        connection: item.connection,
        listing_key: item.listing_key,
        sku: item.ignore === true ? null : item.sku,
        ignore: item.ignore === true,
        ifUnbound: item.if_unbound === true,
      })),
      who.actor,
    )
    note({ bound: result.bound })
    await tell(deps, 'listings.bind', deps.control.pushSoon([...new Set(body.map((item) => item.connection))]))
    return { bound: result.bound, orders_to_replay: result.order_ids.length, order_ids: result.order_ids }
  },
})

export const listingRoutes: readonly Route[] = [listings, suggestions, bind]
