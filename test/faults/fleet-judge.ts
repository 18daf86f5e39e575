import { differenceInWords } from './channel-words.ts'
import { differenceOf, doubles, gaps, undisposed, walkFeed, type Judged, type Judgement } from './judge.ts'
import type { Shop } from './shop.ts'

/** A shop and the connection it stands for. */
export interface Member {
  readonly shop: Shop
  readonly connection: string
  /** WooCommerce without it. */
  readonly channel?: string
}

/** As `judge`, for many shops of one hub: the feed is walked once. */
export async function judgeFleet(world: Judged, members: readonly Member[]): Promise<Judgement> {
  const walked = await walkFeed(world)
  const known = new Map([...walked.orders.values()].map((order) => [`${order.connection_id} ${order.external_id}`, order]))
  const lost: string[] = []
  let compared = 0
  for (const { shop, connection, channel } of members) {
    for (const truth of await shop.truths()) {
      compared += 1
      const found = known.get(`${connection} ${truth.orderId}`) ?? known.get(`${connection} ${truth.number}`)
      const differs = found === undefined ? 'missing' : channel === undefined ? differenceOf(truth, found) : differenceInWords(channel, truth, found)
      if (differs !== undefined) lost.push(`${shop.name} order ${truth.orderId}: ${differs}`)
    }
  }
  return { compared, lost, doubled: await doubles(world), broken: [...walked.broken, ...(await gaps(world)), ...(await undisposed(world))] }
}
