import type { AppDeps } from './deps.ts'
import type { Principal } from './principal.ts'
import { Problem } from './problem.ts'

/** Who is signed in as a person. @throws Problem 403 for a key */
export function requirePerson(who: Principal): { readonly user: NonNullable<Principal['user']>; readonly session: string } {
  const { user, session } = who
  if (user === undefined || session === undefined) throw new Problem(403, 'people-only', 'Only a signed-in person has an account.')
  return { user, session }
}

/** A password or code asked for again inside a session counts like an attempt to sign in, unless it is right. @throws Problem 429 */
export async function spareGuesses<T>(
  deps: AppDeps,
  { name, address }: { readonly name: string; readonly address: string },
  guess: () => Promise<T>,
): Promise<T> {
  const wait = deps.gates.logins.wait(name, address)
  if (wait > 0) throw new Problem(429, 'rate-limited', 'Too many attempts.', { retryAfterSeconds: wait })
  const right = await guess()
  deps.gates.logins.right(name, address)
  return right
}
