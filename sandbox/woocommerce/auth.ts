import type { Context } from 'hono'
import type { WooEnv } from './env.ts'
import { homeUrl, isHttps, rawPath, rawSearch } from './env.ts'
import { missingOAuthParameters, refuseOAuth } from './oauth.ts'
import { parsePhpQuery } from './php-query.ts'
import type { WooKey, WooShop } from './shop.ts'
import type { WpError } from './wp-response.ts'
import { wpError } from './wp-response.ts'

const refused = (message: string): WpError => wpError('woocommerce_rest_authentication_error', message, 401)

/** Who calls: Basic or key-in-query only where the site believes it is https, OAuth 1.0a otherwise. Anonymous is undefined. */
export function identify(shop: WooShop, c: Context<WooEnv>): WooKey | WpError | undefined {
  return isHttps(shop, c) ? basic(shop, c) : oauth(shop, c)
}

function basic(shop: WooShop, c: Context<WooEnv>): WooKey | WpError | undefined {
  const query = parsePhpQuery(rawSearch(c))
  const header = c.req.header('authorization') ?? ''
  const decoded = header.startsWith('Basic ') ? Buffer.from(header.slice(6), 'base64').toString('utf8') : ''
  const at = decoded.indexOf(':')
  const id = query.get('consumer_key') || decoded.slice(0, Math.max(at, 0))
  const secret = query.get('consumer_secret') || decoded.slice(at + 1)
  if (!id || !secret) return oauth(shop, c)
  const key = shop.keys.find((one) => one.consumerKey === id)
  if (!key) return refused('Consumer key is invalid.')
  return key.consumerSecret === secret ? key : refused('Consumer secret is invalid.')
}

function oauth(shop: WooShop, c: Context<WooEnv>): WooKey | WpError | undefined {
  const query = parsePhpQuery(rawSearch(c))
  const missing = missingOAuthParameters(query)
  if (missing === undefined) return undefined
  if (missing.length > 0) {
    const word = missing.length === 1 ? 'parameter' : 'parameters'
    return wpError('woocommerce_rest_authentication_missing_parameter', `Missing OAuth ${word} ${missing.join(', ')}`, 401)
  }
  const key = shop.keys.find((one) => one.consumerKey === query.get('oauth_consumer_key'))
  if (!key) return refused('Consumer key is invalid.')
  const url = homeUrl(shop, c) + rawPath(c)
  const reason = refuseOAuth({ method: c.req.method, url, query }, key, shop.clock.now())
  return reason === undefined ? key : refused(reason)
}

/** The rights a key carries, by method; then what its WordPress user may do with the resource. */
export function forbid(key: WooKey | undefined, method: string): WpError | undefined {
  const reads = method === 'GET' || method === 'HEAD'
  if (key && key.permissions !== 'read_write' && key.permissions !== (reads ? 'read' : 'write')) {
    return refused(`The API key provided does not have ${reads ? 'read' : 'write'} permissions.`)
  }
  if (key?.manager) return undefined
  const [verb, sentence] = verbs[method] ?? ['view', 'Sorry, you cannot list resources.']
  return wpError(`woocommerce_rest_cannot_${verb}`, sentence, key ? 403 : 401)
}

const verbs: Readonly<Record<string, readonly [string, string]>> = {
  POST: ['create', 'Sorry, you are not allowed to create resources.'],
  PUT: ['edit', 'Sorry, you are not allowed to edit this resource.'],
  PATCH: ['edit', 'Sorry, you are not allowed to edit this resource.'],
  DELETE: ['delete', 'Sorry, you are not allowed to delete this resource.'],
}
