import { z } from 'zod'
import type { Speaker } from './every-channel.ts'
import { eventually } from './wait.ts'
import type { World } from './world.ts'

const shelf = z.object({ quantity: z.number().nullable() })

/** What a shopper could buy of it right now, at each of these channels. */
export const shelves = (members: readonly Speaker[], sku: string): Promise<readonly number[]> =>
  Promise.all(members.map(async ({ shop }) => shelf.parse(await shop.pull('shelf', { sku })).quantity ?? 0))

/** Everybody's number of one SKU. */
export interface Numbers {
  readonly shelf: number
  /** What the hub believes the channels show. */
  readonly confirmed: number
  readonly shown: number
  readonly units: number
  readonly free: number
  readonly onHand: number
  readonly reserved: number
  /** The same by the movements alone. */
  readonly movedIn: number
  readonly movedReserved: number
  readonly orders: number
}

export async function numbersOf(world: World, members: readonly Speaker[], sku: string): Promise<Numbers> {
  const { rows } = await world.pool.query<Omit<Numbers, 'shelf'>>(
    `select (select coalesce(sum(confirmed), 0)::int from listings where sku = $1) as confirmed, (select coalesce(sum(shown), 0)::int from listings where sku = $1) as shown,
       (select coalesce(sum(units), 0)::int from escrows where sku = $1) as units, stock_free($1)::int as free,
       (select sum(on_hand)::int from stock where sku = $1) as "onHand", (select sum(reserved)::int from stock where sku = $1) as reserved,
       (select coalesce(sum(on_hand_delta), 0)::int from stock_ledger where sku = $1) as "movedIn", (select coalesce(sum(reserved_delta), 0)::int from stock_ledger where sku = $1) as "movedReserved",
       (select count(distinct order_id)::int from order_lines where sku = $1) as orders`,
    [sku],
  )
  const [row] = rows
  if (!row) throw new Error('The hub has no numbers.')
  return { ...row, shelf: (await shelves(members, sku)).reduce((sum, one) => sum + one, 0) }
}

/** One SKU with so many pieces, on sale at each of these connections under quota; each shows nothing of it yet. */
export async function putOnSale(world: World, members: readonly Speaker[], sku: string, pieces: number): Promise<void> {
  for (const { shop } of members) await shop.act('set-stock', { sku, quantity: 0 })
  await world.hub.post('/v1/skus', { items: [{ sku, title: sku }] }, z.unknown())
  for (const { connection } of members) await world.hub.post(`/v1/connections/${connection}/listings/refresh`, undefined, z.unknown())
  const bound = (): Promise<number> => world.count('select count(distinct connection_id) from listings where sku = $1 and active', [sku])
  await eventually('every channel lists it', async () => ((await bound()) === members.length ? true : undefined), 180, 500).catch(async () => {
    const missing = await world.pool.query<{ name: string }>(
      'select name from connections c where not exists (select 1 from listings l where l.connection_id = c.id and l.sku = $1)',
      [sku],
    )
    throw new Error(`Not listed at ${missing.rows.map(({ name }) => name).join(', ')}.`)
  })
  await world.hub.post('/v1/stock', { items: [{ sku, on_hand: String(pieces) }] }, z.unknown())
  for (const { connection } of members) {
    const { status, body } = await world.hub.ask('PATCH', `/v1/connections/${connection}`, { stock_mode: 'quota', poll_seconds: 10 })
    if (status !== 200) throw new Error(`Quota mode: ${status} ${JSON.stringify(body)}`)
  }
  for (const { connection } of members) await eventually('arming', () => arm(world, connection), 60, 1000)
}

/** No more than so many pieces at once at these: a rule, as who knows that a channel lists its orders late would set one. What is shown there comes back late. */
export async function keepSmall(world: World, members: readonly Speaker[], sku: string, maximum: number): Promise<void> {
  const change = { put: members.map(({ connection, shop }) => ({ name: `few at ${shop.name}`, connection, skus: [sku], maximum, enabled: true })) }
  const { hash } = await world.hub.post('/v1/stock/rules/preview', { change }, z.looseObject({ hash: z.string() }))
  await world.hub.post('/v1/stock/rules', { change, preview_hash: hash, confirm_zero: true }, z.unknown())
}

async function arm(world: World, connection: string): Promise<true | undefined> {
  const { hash } = await world.hub.get(`/v1/connections/${connection}/arm-preview?what=stock`, z.looseObject({ hash: z.string() }))
  const { status } = await world.hub.ask('POST', `/v1/connections/${connection}/arm`, { what: ['stock'], preview_hash: hash, confirm_zero: true })
  return status === 200 ? true : undefined
}
