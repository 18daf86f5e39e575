import type { Context } from 'hono'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import type { Paging } from './list-query.ts'
import type { WooShop } from './shop.ts'
import { wpJson } from './wp-response.ts'

/** `repeat`: there is always one more page, and it is the last one again · `shifted`: an empty page stands before the first. */
export type OddPage = 'repeat' | 'shifted' | 'none'

export interface Page<T> {
  readonly shop: WooShop
  readonly c: Context<WooEnv>
  readonly paging: Paging
  readonly all: readonly T[]
  readonly odd?: OddPage
  readonly render: (item: T) => unknown
}

/** One page with the totals and links WordPress sends; a page beyond the last is an empty list, not an error. */
export function sendPage<T extends { readonly id: number | string }>({ shop, c, paging, all, odd = 'none', render }: Page<T>): Response {
  const real = Math.ceil(all.length / paging.perPage)
  const offset =
    odd === 'repeat' ? Math.min(paging.offset, (real - 1) * paging.perPage) : odd === 'shifted' ? paging.offset - paging.perPage : paging.offset
  const items = offset < 0 ? [] : all.slice(offset, offset + paging.perPage)
  const pages = odd === 'repeat' ? Math.max(real, paging.page) + 1 : odd === 'shifted' ? real + 1 : real
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
