import type { Hub, Shop } from './mending.ts'
import { eventually } from './mending.ts'

interface Found {
  readonly order: {
    readonly id: string
    readonly connection_id: string
    readonly channel_order_no: string
    readonly external_id: string
    readonly total: { readonly amount: string; readonly currency: string }
    readonly unit_count: string
    readonly holds: readonly string[]
  }
}

const AT_ONCE = 400

/**
 * Compares every order a shop has on record with the one the hub keeps: it is there, once, with the same total and units, and nobody waits for a
 * person because of it. Answers how many were compared and what differs.
 */
export async function compareWithShop(hub: Hub, shop: Shop): Promise<{ readonly compared: number; readonly wrong: readonly string[] }> {
  const truths = await shop.ask('orders')
  const wrong: string[] = []
  for (let i = 0; i < truths.length; i += AT_ONCE) {
    const part = truths.slice(i, i + AT_ONCE)
    const { found }: { readonly found: readonly Found[] } = await hub.call('POST', '/v1/orders/find', { ids: part.map((truth) => truth.orderId) })
    for (const truth of part) {
      const here = found.filter(
        ({ order }) => order.connection_id === shop.connection && [order.channel_order_no, order.external_id].includes(truth.orderId),
      )
      // One order may be found by several of the numbers that were asked for.
      const own = new Map(here.map(({ order }) => [order.id, order]))
      const [one] = own.values()
      const total = (truth.totalMinor / 100).toFixed(2)
      if (one === undefined || own.size !== 1) wrong.push(`${shop.name} ${truth.orderId}: there ${own.size} times`)
      else if (one.total.amount !== total || one.total.currency !== truth.currency)
        wrong.push(`${shop.name} ${truth.orderId}: ${one.total.amount} ${one.total.currency} instead of ${total} ${truth.currency}`)
    }
  }
  return { compared: truths.length, wrong }
}

interface Day {
  readonly day: string
  readonly state: string
  readonly differences: number
  readonly orders_by_state: Readonly<Record<string, number>>
}

/** A channel with windows of half an hour is asked some 300 times for a day a week ago, at the pace it allows. */
const LIST_PATIENCE_MS = 20 * 60_000

/** Asks the channel for each of its last business days; what it answers is the question to ask when it has said so: which days do not agree with the hub. */
export async function askLedger(
  hub: Hub,
  shop: Shop,
  lastDays: number,
): Promise<() => Promise<{ readonly days: number; readonly red: readonly string[] }>> {
  const dayOf = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const [from, to] = [dayOf(lastDays), dayOf(-1)]
  const read = async (): Promise<readonly Day[]> =>
    (await hub.call('GET', `/v1/ledger?connection=${shop.connection}&from=${from}&to=${to}`)).items.filter((day: Day) => day.state !== 'no-list')
  const asked: string[] = []
  for (const { day } of await read()) asked.push((await hub.call('POST', `/v1/ledger/${shop.connection}/${day}/ask`)).id)
  return async () => {
    for (const id of asked)
      await eventually(
        `${shop.name} says which orders it has`,
        async () => ['done', 'failed'].includes((await hub.call('GET', `/v1/jobs/${id}`)).state),
        LIST_PATIENCE_MS,
      )
    const after = await read()
    return {
      days: after.length,
      red: after.flatMap(({ day, state, differences, orders_by_state: by }) =>
        state === 'green' || (state === 'running' && differences === 0) ? [] : [`${shop.name} ${day}: ${state} ${JSON.stringify(by)}`],
      ),
    }
  }
}
