/** What a caller may do. Keys carry them directly; people get them from their roles. */
export const SCOPES = [
  'orders:read',
  'orders:read_pii',
  'orders:write',
  'orders:push',
  'stock:read',
  'stock:write',
  'shipments:write',
  'feed:read',
  'failures:read',
  'replay',
  'connections:read',
  'connections:write',
  'listings:bind',
  'connections:renew',
  'privacy',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

export const ROLES = ['admin', 'ops', 'support', 'finance', 'viewer', 'dealer'] as const
export type Role = (typeof ROLES)[number]

const READING: readonly Scope[] = ['orders:read', 'stock:read', 'failures:read', 'connections:read']

/** Smaller rights that come with a larger one: who keeps the SKUs binds them, who keeps a connection renews its credentials. */
const IMPLIED: Readonly<Partial<Record<Scope, readonly Scope[]>>> = {
  'stock:write': ['listings:bind'],
  'connections:write': ['connections:renew'],
}
/** A scope and all that give it. */
export const scopesGiving = (scope: Scope): readonly Scope[] =>
  SCOPES.filter((one) => one === scope || one === 'admin' || IMPLIED[one]?.includes(scope))

/** Personal data in clear goes to support (who talk to buyers) and administrators only. */
const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  admin: SCOPES,
  ops: [...READING, 'orders:write', 'orders:push', 'stock:write', 'shipments:write', 'feed:read', 'replay', 'connections:write'],
  // What makes a failed order go on: bind its goods, renew what expired, correct its package, run it again.
  support: [...READING, 'orders:read_pii', 'orders:write', 'orders:push', 'shipments:write', 'replay', 'listings:bind', 'connections:renew'],
  finance: [...READING, 'feed:read'],
  viewer: READING,
  dealer: ['orders:push'],
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text)
const isScope = (text: string): text is Scope => SCOPES.some((scope) => scope === text)

const withImplied = (scopes: readonly Scope[]): ReadonlySet<Scope> => new Set(scopes.flatMap((scope) => [scope, ...(IMPLIED[scope] ?? [])]))

export const scopesOfRoles = (roles: readonly string[]): ReadonlySet<Scope> =>
  withImplied(roles.filter(isRole).flatMap((role) => SCOPES_OF_ROLE[role]))
export const scopesOfKey = (scopes: readonly string[]): ReadonlySet<Scope> => {
  const known = scopes.filter(isScope)
  return withImplied(known.includes('admin') ? SCOPES : known)
}
