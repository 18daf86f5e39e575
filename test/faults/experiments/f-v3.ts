import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually } from '../wait.ts'
import type { Shop } from '../shop.ts'
import type { World } from '../world.ts'

const ORDERS = 3000

/** Asks for pages of orders so far. */
const pages = async (shop: Shop): Promise<number> =>
  (await shop.requests()).filter((one) => one.method === 'GET' && one.path === '/wp-json/wc/v3/orders').length

/** Pages asked for after `stop` was answered, and rows archived after the last of them had time to arrive. */
async function stopped(
  world: World,
  shop: Shop,
  connection: string,
  stop: () => Promise<unknown>,
): Promise<{ readonly pages: number; readonly rows: number }> {
  const archived = (): Promise<number> => world.count('select count(*) from raw_events where connection_id = $1', [connection])
  const from = await archived()
  await eventually('it is being read', async () => ((await archived()) - from >= 200 ? true : undefined), 60, 20)
  await stop()
  const asked = await pages(shop)
  await sleep(2000)
  const rows = await archived()
  await sleep(4000)
  return { pages: (await pages(shop)) - asked, rows: (await archived()) - rows }
}

export const experiment: Experiment = {
  id: 'F-V3',
  title: 'a connection paused, resumed and removed while it is being read',
  minutes: 1,
  async run(rig) {
    const world = await rig.world({ shops: 2 })
    const [first = world.shop, second = world.shop] = world.shops
    for (const shop of world.shops) await shop.pull('seed-orders', { count: ORDERS, spreadDays: 720 })
    world.tail.start()
    const startFrom = new Date(Date.now() - 721 * 86_400_000).toISOString()
    const kept = await world.connect({ startFrom, pageSize: 10 })
    const paused = await stopped(world, first, kept, () => world.hub.ask('POST', `/v1/connections/${kept}/pause`, { reason: 'an experiment' }))
    const half = await world.count('select count(*) from orders where connection_id = $1', [kept])
    if (half >= ORDERS) throw new Vacuous('everything had been read before the pause')
    const resumedAt = performance.now()
    await world.hub.ask('POST', `/v1/connections/${kept}/resume`)
    const { verdict, seconds } = await untilAgreed(world, kept, resumedAt)
    const gone = await world.connect({ startFrom, pageSize: 10, shop: second })
    const removed = await stopped(world, second, gone, () => world.hub.ask('DELETE', `/v1/connections/${gone}`))
    if ((await world.count('select count(*) from orders where connection_id = $1', [gone])) >= ORDERS)
      throw new Vacuous('everything had been read before the removal')
    const open = await world.count('select count(*) from raw_events r left join raw_dispositions d on d.raw_id = r.id where d.raw_id is null')
    return {
      faults: 2,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(verdict) && verdict.compared === ORDERS && open === 0 && [paused, removed].every((one) => one.pages <= 1 && one.rows === 0),
      notes: [
        `paused after ${half} orders: ${paused.pages} more pages, ${paused.rows} later rows`,
        `removed: ${removed.pages} more pages, ${removed.rows} later rows`,
        ...complaints(verdict),
      ],
    }
  },
}
