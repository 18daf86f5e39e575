import { connectionOfHook, type HookConnection } from '../store/read/connections.ts'
import type { HttpDeps } from './deps.ts'

/** A removed connection's address answers 404 after this long at most; what it takes in until then is ignored by rule. */
const FRESH_MS = 2000
const MOST = 1000

/** Whose webhook address this is, remembered for a moment: a burst of deliveries must not be a burst of look-ups. */
export function hookConnections(deps: Pick<HttpDeps, 'pool' | 'now'>): (token: string) => Promise<HookConnection | undefined> {
  const known = new Map<string, { readonly at: number; readonly connection: Promise<HookConnection | undefined> }>()
  return async (token) => {
    const now = deps.now().getTime()
    const kept = known.get(token)
    if (kept && now - kept.at < FRESH_MS) return kept.connection
    if (known.size >= MOST) known.clear()
    const connection = connectionOfHook(deps.pool, token)
    known.set(token, { at: now, connection })
    const found = await connection.catch((error: unknown) => {
      known.delete(token)
      throw error
    })
    if (!found) known.delete(token) // strangers' guesses are not kept
    return found
  }
}
