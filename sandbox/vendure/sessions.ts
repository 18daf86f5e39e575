import { GraphQLError } from 'graphql'
import type { VendureShop } from './shop.ts'

/** What a resolver knows about its caller. */
export interface Caller {
  readonly token: string | undefined
  readonly admin: boolean
  /** Hands a new session token back in the `vendure-auth-token` header. */
  give(token: string): void
}

/** Reads `Authorization: Bearer …`; a session that has ended is nobody's. */
export function callerOf(shop: VendureShop, authorization: string | undefined, give: (token: string) => void): Caller {
  const token = authorization?.replace(/^bearer /i, '')
  const session = token === undefined ? undefined : shop.sessions.get(token)
  if (!session || session.endsAt <= shop.clock.now()) return { token: undefined, admin: false, give }
  return { token, admin: session.admin, give }
}

export function openSession(shop: VendureShop, admin: boolean): string {
  const token = shop.random.hex(64)
  if (admin) shop.logins += 1
  shop.sessions.set(token, { endsAt: shop.clock.now() + shop.settings.sessionMs, admin, orderId: undefined })
  return token
}

/** Vendure answers HTTP 200 and says so in the errors. */
export function forbidden(): GraphQLError {
  return new GraphQLError('You are not currently authorized to perform this action', { extensions: { code: 'FORBIDDEN' } })
}

export function requireAdmin(caller: Caller): void {
  if (!caller.admin) throw forbidden()
}

export function userInputError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'USER_INPUT_ERROR' } })
}

export function entityNotFound(entity: string, id: string): GraphQLError {
  return new GraphQLError(`No ${entity} with the id "${id}" could be found`, { extensions: { code: 'ENTITY_NOT_FOUND' } })
}
