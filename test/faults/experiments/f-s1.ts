import { openShops, type Speaker } from '../every-channel.ts'
import { buy } from '../buyers.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { keepSmall, numbersOf, putOnSale, shelves, type Numbers } from '../last-pieces.ts'
import { eventually, secondsSince } from '../wait.ts'
import type { World } from '../world.ts'

/** Each lists an order within two minutes of its placing, by its own word. */
const PROMPT = [
  'woocommerce', 'shopify', 'taobao', 'jd', 'douyin', 'vendure', 'magento', 'medusa', 'square', 'tiktok-shop',
  'kuaishou', 'wechat-shop', 'youzan', 'shopee', 'loyverse', 'rest',
] // prettier-ignore
/**
 * Within five to seven. A piece they show when everything else is sold is known to be sold or not that much later, and may be set free only then. So they
 * get few at once: their last one comes back while the last hundred buyers still wait.
 */
const SLOW = ['pinduoduo', 'lazada', 'ebay', 'xiaohongshu']
const FEW = 8
/** A run of less has no time for the slow ones; second shops of these stand in for them. */
const SHORT_MINUTES = 15
const MINUTES = 15
const SKU = 'W-0'
const PIECES = 1000
const ATTEMPTS = 5000
const FORGOTTEN = 3
const OPENING_SECONDS = 900
const QUIET_SECONDS = 900

export const experiment: Experiment = {
  id: 'F-S1',
  title: `the last ${PIECES} pieces on 20 channels, ${ATTEMPTS} buyers`,
  minutes: MINUTES + 18,
  async run(rig) {
    const minutes = rig.minutes ?? MINUTES
    const world = await rig.world()
    const slow = minutes < SHORT_MINUTES ? PROMPT.slice(0, SLOW.length).map((channel) => `${channel}-2`) : SLOW.map((channel) => `${channel}-1`)
    const members = await openShops(rig, world, [...PROMPT.map((channel) => `${channel}-1`), ...slow], 1)
    await putOnSale(world, members, SKU, PIECES)
    if (minutes >= SHORT_MINUTES) await keepSmall(world, members.slice(PROMPT.length), SKU, FEW)
    const openedAt = performance.now()
    await eventually(
      'every channel has a part',
      async () => ((await shelves(members, SKU)).every((units) => units > 0) ? true : undefined),
      OPENING_SECONDS,
      1000,
    ).catch(async () => {
      throw new Vacuous(await emptyOnes(world, members))
    })
    rig.say(
      `${members.length} channels of ${new Set(members.map(({ channel }) => channel)).size} kinds have their part after ${secondsSince(openedAt)} s`,
    )
    const sales = await buy(rig, members, { sku: SKU, pieces: PIECES, attempts: ATTEMPTS, minutes, forgotten: FORGOTTEN, late: 0.6 })
    rig.say(`${sales.sold} bought, ${sales.refused} went away empty-handed; waiting until all numbers agree`)
    const quietAt = performance.now()
    let numbers: Numbers | undefined
    const agreed = async (): Promise<true | undefined> => {
      numbers = await numbersOf(world, members, SKU)
      return disagreements(numbers, sales.sold).length === 0 ? true : undefined
    }
    await eventually('all numbers agree', agreed, QUIET_SECONDS, 2000).catch(() => undefined)
    const recoverySeconds = secondsSince(quietAt)
    numbers ??= await numbersOf(world, members, SKU)
    const wrong = [...disagreements(numbers, sales.sold), ...sales.excess.slice(0, 5)]
    const holds = await world.count('select count(*) from holds where released_at is null')
    const levels = await world.count(`select count(*) from effects_now where kind = 'stock'`)
    return {
      faults: 0,
      lost: sales.sold - numbers.orders,
      doubled: Math.max(0, sales.sold - PIECES),
      recoverySeconds,
      pass: sales.sold === PIECES && wrong.length === 0 && holds === 0 && sales.shownAfterZeroSeconds === 0,
      notes: [
        `${ATTEMPTS} came in ${minutes} minutes, ${sales.sold} of ${PIECES} pieces were sold, ${Math.max(0, sales.sold - PIECES)} oversold, ${sales.refused} refused`,
        sales.soldOutAfterSeconds === undefined
          ? 'not sold out'
          : `sold out after ${sales.soldOutAfterSeconds} s, at attempt ${sales.soldOutAtAttempt}; a piece on some shelf for ${sales.shownAfterZeroSeconds} s after that`,
        `${sales.looks} looks at all shelves: sold and shown together never above ${PIECES}${sales.excess.length === 0 ? '' : ` but ${sales.excess.length} times`}`,
        `${levels} levels set; by channel ${members.map(({ shop }, i) => `${shop.name} ${sales.bySeller[i]}`).join(', ')}`,
        `${holds} orders held`,
        ...wrong,
      ],
    }
  },
}

/** What does not agree with so many pieces sold: at the channels, in the listings, the units, the stock row or its movements. A till's sale leaves at once, another is reserved. */
function disagreements(numbers: Numbers, sold: number): readonly string[] {
  const left = PIECES - sold
  const { shelf, confirmed, shown, units, free, onHand, reserved, movedIn, movedReserved, orders } = numbers
  const pairs: readonly (readonly [string, number, number])[] = [
    ['on the shelves', shelf, left - free],
    ['confirmed', confirmed, shelf],
    ['shown', shown, shelf],
    ['units', units, shelf],
    ['not promised', onHand - reserved, left],
    ['on hand by the movements', movedIn, onHand],
    ['reserved by the movements', movedReserved, reserved],
    ['orders', orders, sold],
  ]
  return pairs.flatMap(([name, found, value]) => (found === value ? [] : [`${name} ${found} instead of ${value}`]))
}

/** Which channels show nothing, and why the hub tells them nothing. */
async function emptyOnes(world: World, members: readonly Speaker[]): Promise<string> {
  const units = await shelves(members, SKU)
  const { rows } = await world.pool.query<{ connection_id: string; said: string }>(
    `select connection_id, push_state || ' ' || coalesce(push_message, '') as said from listings where sku = $1`,
    [SKU],
  )
  const empty = members.filter((_, i) => (units[i] ?? 0) <= 0)
  return `nothing on the shelves of ${empty.map(({ shop, connection }) => `${shop.name} (${rows.find((row) => row.connection_id === connection)?.said})`).join(', ')}`
}
