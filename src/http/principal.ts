import { findKey } from '../store/people/keys.ts'
import { findSession } from '../store/people/sessions.ts'
import type { HttpDeps } from './deps.ts'
import { Problem, notFound } from './problem.ts'
import { type Scope, scopesOfKey, scopesOfRoles } from './scopes.ts'

/** Who is asking. */
export interface Principal {
  /** `user:<name>` or `key:<id>`; goes into the audit log and beside what was changed. */
  readonly actor: string
  readonly kind: 'user' | 'key' | 'nobody'
  readonly scopes: ReadonlySet<Scope>
  /** The only connections this caller sees; null = all. */
  readonly connections: readonly string[] | null
  /** The only places whose stock this caller sees; null = all. */
  readonly locations: readonly string[] | null
  readonly user?: {
    readonly id: string
    readonly name: string
    readonly roles: readonly string[]
    readonly mustChange: boolean
    readonly secondFactor: boolean
    /** A role asks for a second factor that is not there yet. */
    readonly mustEnrol: boolean
  }
  /** Where the request came from, past trusted proxies. */
  readonly address?: string
  /** Cookie value of a signed-in person. */
  readonly session?: string
}

export const NOBODY: Principal = { actor: 'nobody', kind: 'nobody', scopes: new Set(), connections: [], locations: [] }

/** `__Host-` binds the cookie to this very host, but only works over https. */
export const sessionCookieName = (https: boolean): string => (https ? '__Host-hub_session' : 'hub_session')

const unauthenticated = (detail: string): Problem => new Problem(401, 'not-signed-in', detail)

/**
 * Finds out who is asking, by bearer key or session cookie.
 * @throws Problem 401 when a credential was sent that does not work
 */
export async function identify(deps: HttpDeps, request: Request): Promise<Principal> {
  const authorization = request.headers.get('authorization')
  if (authorization !== null) return identifyKey(deps, authorization)
  const session = readCookie(request.headers.get('cookie') ?? '', sessionCookieName(isHttps(deps)))
  if (session === undefined) return NOBODY
  const user = await findSession(deps.pool, session)
  if (!user) throw unauthenticated('This session is over. Sign in again.')
  return {
    actor: `user:${user.name}`,
    kind: 'user',
    scopes: scopesOfRoles(user.roles),
    connections: user.connections,
    locations: user.locations,
    user: {
      id: user.id,
      name: user.name,
      roles: user.roles,
      mustChange: user.must_change,
      secondFactor: user.second_factor,
      mustEnrol: user.must_enrol,
    },
    session,
  }
}

async function identifyKey(deps: HttpDeps, authorization: string): Promise<Principal> {
  const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1]
  const key = token === undefined ? undefined : await findKey(deps.pool, token)
  if (!key) throw unauthenticated('This API key is unknown, expired or revoked.')
  return { actor: `key:${key.id}`, kind: 'key', scopes: scopesOfKey(key.scopes), connections: key.connections, locations: null }
}

export const isHttps = (deps: HttpDeps): boolean => deps.settings.publicUrl?.startsWith('https://') === true

function readCookie(header: string, name: string): string | undefined {
  const found = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
  const value = found?.slice(name.length + 1)
  return value !== undefined && /^[A-Za-z0-9_-]{20,100}$/.test(value) ? value : undefined
}

/** @throws Problem 401 or 403 */
export function requireScope(who: Principal, scope: Scope | 'signed-in'): void {
  if (who.kind === 'nobody') throw unauthenticated('Send an API key as bearer token, or sign in.')
  if (scope !== 'signed-in' && !who.scopes.has(scope))
    throw new Problem(403, 'scope-missing', `This needs the scope ${scope}.`, { params: { scope } })
}

export const sees = (who: Principal, connectionId: string | null): boolean =>
  who.connections === null || (connectionId !== null && who.connections.includes(connectionId))

/** @throws Problem 404, the same as for a connection that does not exist */
export function requireConnection(who: Principal, connectionId: string): void {
  if (!sees(who, connectionId)) throw notFound('connection')
}

/** What concerns the hub as a whole is for callers who see all of it. @throws Problem 403 */
export function requireWholeHub(who: Principal): void {
  if (who.connections !== null) throw new Problem(403, 'connection-scope', 'This concerns all connections; your access is limited to some.')
}

/**
 * Cross-site request forgery: an unsafe request with a session cookie (and the sign-in itself) must come from our own pages,
 * whatever its content type.
 */
export function requireOwnOrigin(deps: HttpDeps, request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const own = new Set([`http://${request.headers.get('host') ?? new URL(request.url).host}`, deps.settings.publicUrl ?? ''])
  if (isHttps(deps)) own.add(`https://${request.headers.get('host') ?? new URL(request.url).host}`)
  if (origin === null || !own.has(origin) || (site !== null && site !== 'same-origin')) {
    throw new Problem(
      403,
      'origin-foreign',
      'A signed-in browser may only send this from the console itself. Behind a proxy, set HUB_PUBLIC_URL to the address people use.',
    )
  }
}
