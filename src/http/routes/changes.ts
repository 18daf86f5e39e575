import { z } from 'zod'
import { findConsumer } from '../../store/edit/consumers.ts'
import { readFeedAhead } from '../../store/read/feed-ahead.ts'
import type { FeedPage } from '../../store/read/feed.ts'
import { openParties } from '../../store/read/raw.ts'
import type { AppDeps } from '../deps.ts'
import { flag, limit, line, nothing, position } from '../fields.ts'
import { type PiiQuery, notePii, wantsPii } from '../pii-access.ts'
import type { Principal } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { splicePii } from '../splice-pii.ts'

export const consumerName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'lower-case letters, digits, dot, dash')

/** Which part of the feed a request means: a consumer's own settings, else what was asked for. Sandbox data needs a yes from both. */
export async function feedReader(
  deps: AppDeps,
  who: Principal,
  query: { readonly consumer?: string | undefined; readonly include_sandbox?: boolean | undefined },
) {
  if (query.consumer === undefined) return { connections: null, includeSandbox: query.include_sandbox === true, ackedSeq: 0 }
  const consumer = await findConsumer(deps.pool, query.consumer)
  const hidden =
    consumer === undefined ||
    (who.connections !== null && consumer.connections !== null && !consumer.connections.some((id) => who.connections?.includes(id)))
  if (hidden) throw notFound('consumer')
  return {
    connections: consumer.connections,
    includeSandbox: consumer.include_sandbox && query.include_sandbox !== false,
    ackedSeq: consumer.acked_seq,
  }
}

const changes = route({
  method: 'get',
  path: '/v1/changes',
  tag: 'Feed',
  summary: 'Everything that changed after a position, each order as it is now',
  scope: 'feed:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    consumer: consumerName.optional(),
    after: position.optional(),
    limit: limit(500, 100),
    include_sandbox: flag.optional(),
    pii: flag.optional(),
    purpose: line(200).optional(),
  }),
  answer: z.object({
    items: z.array(z.looseObject({ seq: z.number(), kind: z.enum(['order', 'refund']), cause: z.string(), version: z.number() })),
    next_after: z.number(),
    has_more: z.boolean(),
  }),
  async handle({ deps, who, query }) {
    const clear = wantsPii(who, query)
    const reader = await feedReader(deps, who, query)
    const page = await readFeedAhead(deps.pool, {
      after: query.after ?? reader.ackedSeq,
      limit: query.limit,
      visible: who.connections,
      connections: reader.connections,
      includeSandbox: reader.includeSandbox,
    })
    const items = clear ? await withPii(deps, who, query, page) : page.items.map((item) => item.json)
    // Built by the database: parsing hundreds of documents only to write them again would double the work.
    return new Response(`{"items":[${items.join(',')}],"next_after":${page.nextAfter},"has_more":${page.hasMore}}`, {
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    })
  },
})

async function withPii(deps: AppDeps, who: Principal, query: PiiQuery, page: FeedPage): Promise<readonly string[]> {
  const ids = [...new Set(page.items.flatMap((item) => item.orderId ?? []))]
  if (ids.length > 0) await notePii(deps, who, query.purpose, `feed/${page.nextAfter}`, ids.map(String))
  const parties = await openParties(deps.pool, deps.keys, ids)
  return page.items.map((item) => splicePii(item.json, item.orderId === null ? undefined : (parties.get(item.orderId) ?? {})))
}

export const changeRoutes: readonly Route[] = [changes]
