import type pg from 'pg'
import { withTx } from '../store/db.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { expireLines, lockOverdue, ordersWithPieces } from '../store/deliver/unpaid.ts'
import { spreadDeltas, writeDeltas } from '../store/deliver/write-deltas.ts'

const AT_ONCE = 200

/**
 * Gives back what orders hold that were not paid in the time their connection gives them. The order itself stays as its channel tells it; paid
 * later it reserves again, and waits (`stock-short`) where nothing is left. Answers how many gave back; call again while it is the full batch.
 */
export async function expireUnpaid(pool: pg.Pool, now: Date): Promise<{ readonly expired: number; readonly more: boolean }> {
  return withTx(pool, async (client) => {
    const orders = await lockOverdue(client, now, AT_ONCE)
    if (orders.length === 0) return { expired: 0, more: false }
    const plain = await expireLines(client, orders, now)
    const spread = await ordersWithPieces(client, orders)
    const pieces =
      spread.length === 0
        ? []
        : await spreadDeltas(
            client,
            spread,
            plain.map(({ sku }) => sku),
          )
    const skus = await writeDeltas(client, [...plain, ...pieces], { cause: 'expired', actor: 'hub', now })
    await markSkusDirty(client, skus)
    return { expired: orders.length, more: orders.length === AT_ONCE }
  })
}
