import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import type { WooShop } from './shop.ts'

export type WooEnv = FaultEnv

/** Path as it travelled, not decoded: the signature covers it. */
export function rawPath(c: Context<WooEnv>): string {
  return rawUrl(c).split('?')[0] ?? '/'
}

export function rawSearch(c: Context<WooEnv>): string {
  const url = rawUrl(c)
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

function rawUrl(c: Context<WooEnv>): string {
  const { incoming } = c.env
  if (incoming?.url !== undefined) return incoming.url
  return c.req.url.replace(/^[a-z]+:\/\/[^/]+/, '')
}

export function isHttps(shop: WooShop, c: Context<WooEnv>): boolean {
  return shop.settings.assumeHttps || c.req.header('x-forwarded-proto') === 'https'
}

/** Scheme and host of the site; the folder it is installed in belongs to the path. */
export function homeUrl(shop: WooShop, c: Context<WooEnv>): string {
  const host = c.req.header('host') ?? new URL(c.req.url).host
  return `${isHttps(shop, c) ? 'https' : 'http'}://${host}`
}

/** The site's address with its folder: everything before `/wp-json`. */
export function siteUrl(shop: WooShop, c: Context<WooEnv>): string {
  return homeUrl(shop, c) + (rawPath(c).split('/wp-json')[0] ?? '')
}

/** The query without credentials, for the request log. */
export function publicQuery(search: string): string {
  return search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => !/^(oauth_|consumer_)/.test(pair))
    .join('&')
}
