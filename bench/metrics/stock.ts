import type { Hub } from '../hub-process.ts'
import { sendHooks } from '../load/send.ts'
import { goodsSku } from '../mock/levels.ts'
import { cpuOf, type Cpu } from '../processes.ts'
import { judge, quantile, type Row } from '../report.ts'
import type { Metric, Mock, Sitting } from '../sitting.ts'
import { all, connect, drained, pause, retire, settle, stockGoods } from '../steps.ts'
import { connectShops, FIRST_SHOP, GOODS, SHOPS, type StockShops } from '../stock-shops.ts'

const SAMPLES = 100
const SLOW_SAMPLES = 20
const SLOW_MS = 300
const CHANGES = 500
const HOT_ORDERS = 3000

/** How levels reach channels: one SKU on twenty of them, everything at once, a burst, and orders for one SKU meanwhile. */
export const metric: Metric = {
  name: 'stock',
  rank: 60,
  about: `levels to ${SHOPS} channels of ${GOODS} SKUs each, unlimited and at two calls a second`,
  run: async (sitting) => {
    // A hub of its own: what orders of other measurements reserved would be missing from every level.
    const hub = await sitting.anotherHub()
    await stockGoods(hub)
    const mock = await sitting.mock()
    const free = await connectShops(sitting, hub, mock, 'bench')
    const rows: Row[] = [...(await fullPush(sitting, hub, free)).rows]
    rows.push(...(await fanOut(sitting, hub, free)), ...(await slowest(sitting, hub, mock, free)), ...(await burst(sitting, hub, free)))
    rows.push(await hot(sitting, hub, mock))
    await free.retire()
    const limited = await connectShops(sitting, hub, mock, 'bench-limited')
    const { seconds, told } = await fullPush(sitting, hub, limited)
    await limited.retire()
    // Batches of 250 at two calls a second, the first at once.
    const least = (GOODS / 250 - 1) / 2
    sitting.say(`stock, limited: ${seconds.toFixed(2)} s for ${told} levels; the limit alone takes ${least} s`)
    rows.push(judge({ metric: 'stock_full_limited', value: seconds / least, unit: '× the time the limit takes' }, { atMost: 1.1 }))
    await sitting.stop(hub)
    return rows
  },
}

/** All levels of all channels, from the moment outbound writes may go again. */
async function fullPush(
  sitting: Sitting,
  hub: Hub,
  shops: StockShops,
): Promise<{ readonly rows: readonly Row[]; readonly seconds: number; readonly told: number }> {
  await settle(hub)
  const before = cpuOf(hub.pids)
  const began = performance.timeOrigin + performance.now()
  await hub.call('POST', '/v1/outbound/start', { reason: 'to be measured' })
  const told = await shops.until((said) => said.levels >= SHOPS * GOODS, 'every channel to know every level')
  const seconds = (told.lastAt - began) / 1000
  const cpu = less(cpuOf(hub.pids), before)
  sitting.say(`stock, full: ${seconds.toFixed(2)} s, ${told.calls} calls, CPU ${cpu.hub.toFixed(1)} hub, ${cpu.postgres.toFixed(1)} postgres`)
  await shops.quiet()
  return {
    seconds,
    told: told.levels,
    rows: [
      judge({ metric: 'stock_full', value: seconds, unit: `s for ${GOODS} SKUs × ${SHOPS} channels` }, { atMost: 5 }),
      judge({ metric: 'stock_full_cpu', value: (all(cpu) / (SHOPS * GOODS)) * 1e6, unit: 'CPU-µs/level' }, {}),
    ],
  }
}

const less = (after: Cpu, before: Cpu): Cpu => ({
  hub: after.hub - before.hub,
  postgres: after.postgres - before.postgres,
  temporal: after.temporal - before.temporal,
})

/** One change each, from the beginning of its transaction to the last channel having taken it. */
async function fanOut(sitting: Sitting, hub: Hub, shops: StockShops): Promise<readonly Row[]> {
  await delays(hub, shops, 10, 0)
  const before = cpuOf(hub.pids)
  const found = await delays(hub, shops, SAMPLES, 100)
  const cpu = less(cpuOf(hub.pids), before)
  sitting.say(
    `stock, one SKU: p50 ${quantile(found, 0.5).toFixed(1)} ms, p95 ${quantile(found, 0.95).toFixed(1)} ms, CPU ${((all(cpu) / SAMPLES) * 1000).toFixed(0)} ms each`,
  )
  return [
    judge({ metric: 'stock_one_p50', value: quantile(found, 0.5), unit: `ms to ${SHOPS} channels` }, {}),
    judge({ metric: 'stock_one_p95', value: quantile(found, 0.95), unit: `ms to ${SHOPS} channels` }, { atMost: 100 }),
    judge({ metric: 'stock_one_cpu', value: (all(cpu) / SAMPLES) * 1000, unit: 'CPU-ms a change' }, {}),
  ]
}

async function slowest(sitting: Sitting, hub: Hub, mock: Mock, shops: StockShops): Promise<readonly Row[]> {
  await mock.control(`slow?shop=${FIRST_SHOP}&ms=${SLOW_MS}`)
  const found = await delays(hub, shops, SLOW_SAMPLES, 200)
  await mock.control(`slow?shop=${FIRST_SHOP}&ms=0`)
  const beyond = quantile(found, 0.95) - SLOW_MS
  sitting.say(`stock, one of them takes ${SLOW_MS} ms: p95 ${quantile(found, 0.95).toFixed(1)} ms`)
  return [judge({ metric: 'stock_one_slow_p95', value: beyond, unit: 'ms beyond the slowest channel' }, { atMost: 100 })]
}

async function delays(hub: Hub, shops: StockShops, samples: number, first: number): Promise<readonly number[]> {
  const found: number[] = []
  for (let n = 0; n < samples; n += 1) {
    const sku = goodsSku(first + n)
    const level = 500_000 + n
    await hub.call('POST', '/v1/stock', { items: [{ sku, on_hand: level }] })
    const last = await shops.shown(sku, level)
    const { rows } = await hub.db.query<{ at: Date }>(`select at from stock_ledger where sku = $1 and cause = 'count' order by id desc limit 1`, [
      sku,
    ])
    found.push(last - (rows[0]?.at.getTime() ?? Number.NaN))
    await pause(60)
  }
  return found
}

/** Five hundred changes of one SKU within a moment, fifty a request and ten at once. */
async function burst(sitting: Sitting, hub: Hub, shops: StockShops): Promise<readonly Row[]> {
  const sku = goodsSku(400)
  const before = await shops.told(sku)
  const end = 1_000_000 - CHANGES
  const request = (part: number): Promise<unknown> =>
    hub.call('POST', '/v1/stock/movements', { items: Array.from({ length: 50 }, (_, n) => ({ sku, delta: -1, ref: `burst-${part}-${n}` })) })
  await Promise.all(Array.from({ length: CHANGES / 50 }, (_, part) => request(part)))
  await shops.shown(sku, end)
  const after = await shops.told(sku)
  const calls = Math.max(...after.shops.map(({ times }, i) => times - (before.shops[i]?.times ?? 0)))
  sitting.say(`stock, ${CHANGES} changes of one SKU: at most ${calls} calls a channel`)
  return [judge({ metric: 'stock_burst', value: calls, unit: `calls a channel for ${CHANGES} changes` }, { atMost: 2 })]
}

/** Orders of one SKU as fast as they are taken in, until the last is reserved; its level goes to all channels meanwhile. */
async function hot(sitting: Sitting, hub: Hub, mock: Mock): Promise<Row> {
  const sku = goodsSku(500)
  const connection = await connect(hub, mock)
  const began = performance.now()
  const sent = await sendHooks(connection, { count: HOT_ORDERS, connections: 32, sku })
  await drained(hub)
  const seconds = (performance.now() - began) / 1000
  const { rows } = await hub.db.query<{ reserved: number }>('select sum(reserved)::float8 as reserved from stock where sku = $1', [sku])
  await retire(hub, connection)
  if (sent.accepted !== HOT_ORDERS || (rows[0]?.reserved ?? 0) < HOT_ORDERS)
    throw new Error(`Of ${HOT_ORDERS} orders for one SKU ${sent.accepted} were accepted, and ${rows[0]?.reserved ?? 0} pieces are reserved.`)
  sitting.say(`stock, one hot SKU: ${HOT_ORDERS} orders reserved in ${seconds.toFixed(1)} s`)
  return judge({ metric: 'stock_hot', value: HOT_ORDERS / seconds, unit: 'orders/s of one SKU, door to reservation' }, {})
}
