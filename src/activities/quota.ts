import { withTx } from '../store/db.ts'
import {
  anchorEscrows,
  hasEscrows,
  noteShown,
  openEscrows,
  settleEscrows,
  uncheckedListings,
  unopenedListings,
  type ListingToRead,
} from '../store/deliver/escrow.ts'
import { openFailures, resolveFailures } from '../store/deliver/open-failure.ts'
import { lateOrders } from '../store/deliver/order-lags.ts'
import type { OpenedConnection } from './pull.ts'
import type { PushDeps } from './push.ts'

const MOST_AT_ONCE = 500
/** What a listing shows is compared with the books this often; at a channel that lists orders late only after the last look has been reckoned with. */
const CHECK_MS = 5 * 60_000
/** A channel that listed an order later than it declares is trusted less for a week. */
const DISTRUST_MS = 7 * 86_400_000
const ALARM_MS = 86_400_000
/** However late an order came: waiting longer for every level would sell nothing any more. */
const MOST_ADDED_SECONDS = 900

/**
 * Reckons with what the listings of a connection under quota showed, as far as its orders are known now; after each round of reading them. Answers
 * false where the channel's orders are not read by time: then nothing is ever known for certain.
 */
export async function reckon(deps: Pick<PushDeps, 'pool' | 'now'>, opened: OpenedConnection): Promise<boolean> {
  const { pushInventory: stock, pullOrders: pull } = opened.connector.manifest.capabilities
  const windows = pull?.streams.filter(({ mode }) => mode === 'window').map(({ id }) => id) ?? []
  // Cancels and refunds may be heard of later: until then their units count as reserved.
  const streams = windows.includes('orders') ? ['orders'] : windows
  if (!stock || streams.length === 0) return false
  const { connectionId } = opened.context
  if (!(await hasEscrows(deps.pool, connectionId))) return true
  const added = await addedLag(deps, opened)
  await withTx(deps.pool, (client) => settleEscrows(client, connectionId, streams, stock.lagSeconds + stock.skewSeconds + added))
  return true
}

/**
 * What keeps the books of listings under quota true: a reckoning with their levels as far as the orders of the connection are known, a look at
 * those nobody has looked at for a while, and the first look at those that come under quota now.
 */
export async function keepQuotaBooks(deps: Pick<PushDeps, 'pool' | 'now'>, opened: OpenedConnection): Promise<void> {
  const { connector, context } = opened
  const { pushInventory: stock } = connector.manifest.capabilities
  if (!(await reckon(deps, opened)) || !stock) return
  const { connectionId } = context
  const { skewSeconds } = stock
  const checkedBefore = new Date(deps.now().getTime() - Math.max(CHECK_MS, 2000 * stock.lagSeconds))
  await look(deps, opened, await uncheckedListings(deps.pool, connectionId, checkedBefore, MOST_AT_ONCE), async (shown, before) =>
    withTx(deps.pool, async (client) => {
      await anchorEscrows(client, connectionId, shown, { before, after: deps.now(), skewSeconds })
      await noteShown(client, connectionId, shown, deps.now())
    }),
  )
  await look(deps, opened, await unopenedListings(deps.pool, connectionId, MOST_AT_ONCE), async (shown) => {
    const since = new Date(deps.now().getTime() + skewSeconds * 1000)
    const terms = { since, restocks: stock.restocks, atPaying: stock.decrementAt === 'paying' }
    await withTx(deps.pool, (client) => openEscrows(client, connectionId, shown, terms))
  })
}

/**
 * How many seconds more than the channel declares its orders are waited for, since some came later than that. The proof that nothing is oversold
 * leans on the declared lag, so whoever looks after the connection is told as well.
 */
async function addedLag(deps: Pick<PushDeps, 'pool' | 'now'>, { connector, context: { connectionId, channel } }: OpenedConnection): Promise<number> {
  const now = deps.now()
  const declared = connector.manifest.capabilities.pushInventory?.lagSeconds ?? 0
  const subjectId = `${connectionId}/stock-lag`
  const recent = await lateOrders(deps.pool, connectionId, new Date(now.getTime() - ALARM_MS))
  if (recent) {
    const message = `Order ${recent.order_no} was not listed ${Math.ceil(recent.seconds)} s after it was placed; the channel declares ${declared} s. Units of its own rest on that.`
    await openFailures(deps.pool, [
      { connectionId, channel, operation: 'pull', fault: { kind: 'missing', code: 'stock-lag-exceeded', message }, subjectKind: 'stream', subjectId },
    ])
  } else await resolveFailures(deps.pool, 'stream', [subjectId], now)
  const worst = await lateOrders(deps.pool, connectionId, new Date(now.getTime() - DISTRUST_MS))
  return Math.min(MOST_ADDED_SECONDS, Math.max(0, Math.ceil((worst?.seconds ?? 0) * 1.25 - declared)))
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
