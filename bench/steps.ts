import { randomUUID } from 'node:crypto'
import type { Hub, Json } from './hub-process.ts'
import { placedAt } from './mock/orders.ts'
import { cpuOf, type Cpu } from './processes.ts'
import type { Mock } from './sitting.ts'

/** A connection to the mock's first shop, as the API makes it. */
export interface Connection {
  readonly id: string
  readonly hookUrl: string
  readonly hookSecret: string
}

const GOODS = 10_000

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Goods of the mock: 10,000 SKUs with something on the shelf, so that orders bind to them and reserve. */
export async function stockGoods(hub: Hub): Promise<void> {
  for (let first = 0; first < GOODS; first += 1000) {
    const skus = Array.from({ length: 1000 }, (_, at) => `SKU-${String(first + at).padStart(5, '0')}`)
    await hub.call('POST', '/v1/skus', { items: skus.map((sku) => ({ sku, title: `Invented product ${sku}` })) })
    await hub.call('POST', '/v1/stock', { items: skus.map((sku) => ({ sku, on_hand: 1_000_000 })) })
  }
}

export async function connect(hub: Hub, mock: Mock): Promise<Connection> {
  const hookSecret = randomUUID()
  const made = await hub.call('POST', '/v1/connections', {
    channel: 'bench',
    name: `bench ${randomUUID().slice(0, 8)}`,
    config: { url: `${mock.url}/1` },
    secrets: { webhookSecret: hookSecret },
    timezone: 'UTC',
    currency: 'USD',
    start_from: new Date().toISOString(),
  })
  const id = String(made['id'])
  const { rows } = await hub.db.query<{ token: string }>('select webhook_token as token from connections where id = $1', [id])
  return { id, hookSecret, hookUrl: `${hub.url}/hooks/${rows[0]?.token ?? ''}` }
}

/** Nothing more is read for this connection, so that it is not in the way of the next measurement. */
export const retire = (hub: Hub, connection: Connection): Promise<Json> =>
  hub.call('POST', `/v1/connections/${connection.id}/pause`, { reason: 'measured' })

export interface Pulled {
  readonly seconds: number
  readonly cpu: Cpu
  readonly result: unknown
}

/** Orders [from, to) by their number, from the request to the finished job. */
export async function backfill(hub: Hub, connection: Pick<Connection, 'id'>, from: number, to: number): Promise<Pulled> {
  const before = cpuOf(hub.pids)
  const started = performance.now()
  const job = await hub.call('POST', `/v1/connections/${connection.id}/backfill`, { from: placedAt(from), to: placedAt(to) })
  let view = job
  while (view['state'] !== 'done') {
    if (view['state'] === 'failed') throw new Error(`The backfill failed: ${String(view['message'])}`)
    await pause(50)
    view = await hub.call('GET', `/v1/jobs/${String(job['id'])}`)
  }
  const seconds = (performance.now() - started) / 1000
  const after = cpuOf(hub.pids)
  return {
    seconds,
    cpu: { hub: after.hub - before.hub, postgres: after.postgres - before.postgres, temporal: after.temporal - before.temporal },
    result: view['result'],
  }
}

export const all = (cpu: Cpu): number => cpu.hub + cpu.postgres + cpu.temporal

/** Orders that stand in the canonical store for this connection. */
export async function canonical(hub: Hub, connection: Connection): Promise<number> {
  const { rows } = await hub.db.query<{ count: number }>('select count(*)::int as count from orders where connection_id = $1', [connection.id])
  return rows[0]?.count ?? 0
}

/** Until every delivery taken in was worked on. */
export async function drained(hub: Hub): Promise<void> {
  for (;;) {
    const { rows } = await hub.db.query<{ left: boolean }>('select exists (select 1 from inbox) as left')
    if (rows[0]?.left !== true) return
    await pause(50)
  }
}

/** What dirty pages are left from before is written now, not during the next measurement. */
export const settle = async (hub: Hub): Promise<void> => {
  await hub.db.query('checkpoint')
  await pause(500)
}
