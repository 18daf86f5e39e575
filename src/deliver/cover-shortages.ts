import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { coveredHolds } from '../store/deliver/covered-holds.ts'
import { releaseHold } from './holds.ts'

const AT_ONCE = 200

/**
 * Lets orders go on that waited for goods which are there now: counted, received, put back, or left by somebody who cancelled. Answers how many holds
 * ended. Safe to call from any number of processes.
 */
export async function coverShortages({ pool, now }: { readonly pool: pg.Pool; readonly now: Date }): Promise<number> {
  let released = 0
  for (const { id, order_id: orderId, sku } of await coveredHolds(pool, AT_ONCE)) {
    try {
      await releaseHold({ pool, orderId, holdId: id, reason: `The goods of "${sku}" are there now.`, actor: 'stock', now })
      released += 1
    } catch (error) {
      // Somebody else was quicker.
      if (!(error instanceof DomainError)) throw error
    }
  }
  return released
}
