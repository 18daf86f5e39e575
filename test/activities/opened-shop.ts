import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { start } from '../../sandbox/server.ts'
import type { ChannelSim } from '../../sandbox/stage/channel-sim.ts'
import { createChannels } from '../../src/activities/connection-call.ts'
import { pullRound, type OpenedConnection, type PullReport } from '../../src/activities/pull.ts'
import type { PushDeps } from '../../src/activities/push.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase } from '../support/db.ts'

export interface OpenedShop<S extends ChannelSim = ChannelSim> {
  readonly id: string
  readonly sim: S
  readonly pool: pg.Pool
  readonly deps: PushDeps
  connection(): Promise<OpenedConnection>
  round(): Promise<PullReport>
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  stop(): Promise<void>
}

export const budget = { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }

/** A simulated shop behind real HTTP, and a database of its own in which a connection to it stands, on the simulator's clock. */
export async function openShop<S extends ChannelSim>(sim: S, config: Readonly<Record<string, unknown>> = {}): Promise<OpenedShop<S>> {
  const [id, { channel, timezone = 'UTC', currency = 'USD' }] = [`c_${sim.channel}`, sim]
  const [database, sandbox] = [await freshDatabase(), await start({ shops: [{ name: 'one', sim }] })]
  const [pool, box, url] = [createPool(database.url), new SecretBox(randomBytes(32)), sandbox.shops[0]?.url ?? '']
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency, armed_stock) values ($1, $2, 'Shop', $3, $4, $5, $6, true)`,
    [
      id,
      channel,
      JSON.stringify({ ...(sim.settings?.(url) ?? { url }), ...config }),
      sealSecrets(box, id, { ...sim.credentials }),
      timezone,
      currency,
    ],
  )
  const now = (): Date => new Date(sim.clock.now())
  const channels = createChannels({ pool, box, registry, now, allowPrivate: [new URL(url).host], folderOf: () => '' })
  const deps: PushDeps = { pool, box, keys: new DataKeys(pool, box), mappings, now, open: (each, signal) => channels.open(each, signal) }
  return {
    id,
    sim,
    pool,
    deps,
    connection: () => channels.open(id, budget.signal),
    round: () => pullRound(deps, id, budget, true),
    rows: async (sql) => (await pool.query(sql)).rows,
    async stop() {
      channels.close()
      await sandbox.stop()
      await pool.end()
      await database.drop()
    },
  }
}

/** Past the channel's lag and the time between two looks, and through every window that is due. */
export async function rounds({ sim, round }: OpenedShop): Promise<void> {
  sim.clock.advance(240_000)
  let report = await round()
  for (let n = 0; n < 3 || report.more; n += 1) report = await round()
}

/** The number of an order that was placed. */
export const placedId = (done: { readonly ok: true; readonly orderId: string } | { readonly ok: false; readonly reason: string }): string => {
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
