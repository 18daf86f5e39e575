import type { Context } from 'hono'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import type { Paging } from './list-query.ts'
import type { WooShop } from './shop.ts'
import { wpJson } from './wp-response.ts'

export interface Page<T> {
  readonly shop: WooShop
  readonly c: Context<WooEnv>
  readonly paging: Paging
  readonly all: readonly T[]
  readonly render: (item: T) => unknown
}

/** One page with the totals and links WordPress sends; a page beyond the last is an empty list, not an error. */
export function sendPage<T extends { readonly id: number | string }>({ shop, c, paging, all, render }: Page<T>): Response {
  const items = all.slice(paging.offset, paging.offset + paging.perPage)
  const pages = Math.ceil(all.length / paging.perPage)
  c.set(
    'returned',
    items.map((item) => String(item.id)),
  )
  const links = [
    ...(paging.page > 1 ? [link(shop, c, Math.min(paging.page - 1, Math.max(pages, 1)), 'prev')] : []),
    ...(paging.page < pages ? [link(shop, c, paging.page + 1, 'next')] : []),
  ]
  return wpJson(items.map(render), 200, {
    'x-wp-total': String(all.length),
    'x-wp-totalpages': String(pages),
    ...(links.length > 0 ? { link: links.join(', ') } : {}),
  })
}

function link(shop: WooShop, c: Context<WooEnv>, page: number, rel: 'prev' | 'next'): string {
  const route = `/wp-json${c.req.path.split('/wp-json')[1] ?? ''}`
  const query = new URLSearchParams(rawSearch(c))
  for (const name of [...query.keys()]) if (name.startsWith('oauth_') || name.startsWith('consumer_')) query.delete(name)
  query.set('page', String(page))
  return `<${siteUrl(shop, c)}${route}?${query.toString()}>; rel="${rel}"`
}
