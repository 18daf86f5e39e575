import type pg from 'pg'
import type { OpenedConnection } from '../../../src/activities/pull.ts'
import type { PushDeps } from '../../../src/activities/push.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { openHub } from '../../promises/open-hub.ts'
import { PlainChannel } from '../../promises/plain-channel.ts'

/** An armed connection to a channel in memory, on a clock of its own. */
export interface Shelf {
  readonly pool: pg.Pool
  readonly databaseUrl: string
  readonly channel: PlainChannel
  readonly id: string
  readonly deps: PushDeps
  readonly opened: OpenedConnection
  /** What the channel shows, by listing. */
  readonly levels: Map<string, number>
  /** Runs after the channel looked and before it answers. */
  whileReading: (() => Promise<void>) | undefined
  /** The channel answers nothing but errors. */
  broken: boolean
  now(): Date
  skip(ms: number): void
  /** A SKU with a listing of the same name. */
  list(sku: string): Promise<string>
  close(): Promise<void>
}

export async function shelf(): Promise<Shelf> {
  const hub = await openHub()
  await hub.pool.query('update connections set armed_stock = true')
  const channel = new PlainChannel()
  let clock = Date.parse('2026-11-20T08:00:00Z')
  const now = (): Date => new Date(clock)
  const plain = channel.open(hub.context, now)
  const opened: OpenedConnection = {
    ...plain,
    connector: {
      ...plain.connector,
      readInventory: async (call, listings) => {
        if (found.broken) throw new ChannelError({ kind: 'transient', message: 'Bad gateway.' })
        const readings = (await plain.connector.readInventory?.(call, listings)) ?? []
        await found.whileReading?.()
        return readings
      },
    },
  }
  const found: Shelf = {
    pool: hub.pool,
    databaseUrl: hub.databaseUrl,
    channel,
    id: hub.context.connectionId,
    deps: { ...hub, now, open: () => Promise.resolve(opened) },
    opened,
    levels: channel.shelf,
    whileReading: undefined,
    broken: false,
    now,
    skip: (ms) => {
      clock += ms
    },
    list: async (sku) => {
      await hub.pool.query('insert into skus (sku, title) values ($1, $1)', [sku])
      await hub.pool.query(
        `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, $2, $2, $2, $2, 'code', 0)`,
        [hub.context.connectionId, sku],
      )
      return sku
    },
    close: () => hub.close(),
  }
  return found
}
