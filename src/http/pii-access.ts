import { audit } from '../store/people/audit.ts'
import type { AppDeps } from './deps.ts'
import type { Principal } from './principal.ts'
import { Problem, badInput } from './problem.ts'

export interface PiiQuery {
  readonly pii?: boolean | undefined
  readonly purpose?: string | undefined
}

/**
 * Whether this request may see personal data in clear: it asked, said why, and has the scope.
 * @throws Problem 400 without a purpose, 403 without the scope
 */
export function wantsPii(who: Principal, query: PiiQuery): boolean {
  if (query.pii !== true) return false
  if (query.purpose === undefined)
    throw badInput([{ pointer: '?purpose', code: 'purpose-missing', message: 'Personal data needs a purpose, for example fulfilment or support.' }])
  if (!who.scopes.has('orders:read_pii'))
    throw new Problem(403, 'scope-missing', 'This needs the scope orders:read_pii.', { params: { scope: 'orders:read_pii' } })
  return true
}

/**
 * Notes who saw personal data of which orders, from where and why; before it is sent. `orders` are their ids, "all" what the caller may see.
 * @throws Problem 429 when it is too much at once
 */
export async function notePii(
  deps: AppDeps,
  who: Principal,
  purpose: string | undefined,
  subject: string,
  orders: readonly string[] | 'all',
): Promise<void> {
  deps.gates.personal(who)
  const details = { purpose: purpose ?? '', orders, ip: who.address ?? null }
  await audit(deps.pool, { actor: who.actor, action: 'pii.read', subject, details }, deps.now())
}
