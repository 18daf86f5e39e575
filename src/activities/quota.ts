import { withTx } from '../store/db.ts'
import { anchorEscrows, openEscrows, settleEscrows, uncheckedListings, unopenedListings, type ListingToRead } from '../store/deliver/escrow.ts'
import type { OpenedConnection } from './pull.ts'
import type { PushDeps } from './push.ts'

const MOST_AT_ONCE = 500
/** What a listing shows is compared with the books at least this often. */
const CHECK_MS = 5 * 60_000

/**
 * What keeps the books of listings under quota true: a reckoning with their levels as far as the orders of the connection are known, a look at
 * those nobody has looked at for a while, and the first look at those that come under quota now.
 */
export async function keepQuotaBooks(deps: Pick<PushDeps, 'pool' | 'now'>, opened: OpenedConnection): Promise<void> {
  const { connector, context } = opened
  const { pushInventory: stock, pullOrders: pull } = connector.manifest.capabilities
  const windows = pull?.streams.filter(({ mode }) => mode === 'window').map(({ id }) => id) ?? []
  // Cancels and refunds may be heard of later: until then their units count as reserved.
  const streams = windows.includes('orders') ? ['orders'] : windows
  if (!stock || streams.length === 0) return
  const { connectionId } = context
  const { skewSeconds } = stock
  await withTx(deps.pool, (client) => settleEscrows(client, connectionId, streams, stock.lagSeconds + skewSeconds))
  const checkedBefore = new Date(deps.now().getTime() - CHECK_MS)
  await look(deps, opened, await uncheckedListings(deps.pool, connectionId, checkedBefore, MOST_AT_ONCE), async (shown, before) =>
    withTx(deps.pool, (client) => anchorEscrows(client, connectionId, shown, { before, after: deps.now(), skewSeconds })),
  )
  await look(deps, opened, await unopenedListings(deps.pool, connectionId, MOST_AT_ONCE), async (shown) => {
    const since = new Date(deps.now().getTime() + skewSeconds * 1000)
    const terms = { since, restocks: stock.restocks, atPaying: stock.decrementAt === 'paying' }
    await withTx(deps.pool, (client) => openEscrows(client, connectionId, shown, terms))
  })
}

async function look(
  deps: Pick<PushDeps, 'now'>,
  { connector, call }: OpenedConnection,
  listings: readonly ListingToRead[],
  take: (shown: readonly { readonly key: string; readonly quantity: number }[], before: Date) => Promise<void>,
): Promise<void> {
  const most = connector.manifest.capabilities.readInventory?.maxBatch
  if (most === undefined || !connector.readInventory) return
  for (let at = 0; at < listings.length; at += most) {
    const batch = listings.slice(at, at + most).map((each) => ({ key: each.listing_key, ids: each.ids, sku: each.channel_sku }))
    const before = deps.now()
    const readings = await connector.readInventory(call, batch)
    await take(
      readings.flatMap(({ key, quantity }) => (quantity === undefined ? [] : [{ key, quantity: Math.max(0, quantity) }])),
      before,
    )
  }
}
