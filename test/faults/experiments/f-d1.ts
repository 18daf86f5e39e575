import { Vacuous, type Experiment } from '../experiment.ts'
import { crookedWorld } from '../crooked-world.ts'
import { complaints, judge, sound, untilAgreed } from '../judge.ts'
import { replay } from '../replays.ts'
import { eventually } from '../wait.ts'
import type { World } from '../world.ts'

const ORDERS = 1000
const EVERY = 100

/** What a shopper, a plugin or a bug can put into an order; each must stay in that order. */
const POISON: readonly { readonly name: string; readonly held: boolean; readonly order: () => Readonly<Record<string, unknown>> }[] = [
  { name: 'crashes the mapping', held: true, order: () => ({ customerNote: 'POISON: the mapping reads what is not there' }) },
  { name: 'names no currency that can be', held: true, order: () => ({ currency: 'US DOLLAR' }) },
  { name: 'carries a note of 9 MB', held: false, order: () => ({ customerNote: 'long '.repeat(1_800_000) }) },
  { name: 'carries NUL and half a character', held: false, order: () => ({ customerNote: 'nul \u0000 half \ud83d end' }) },
  { name: 'has a fraction of a cent', held: false, order: () => ({ lines: [{ sku: 'CENT', name: 'Cent', unitPrice: '0.005', quantity: 3 }] }) },
]

interface Placed {
  readonly good: ReadonlySet<string>
  readonly poison: ReadonlyMap<string, number>
}

async function place(world: World): Promise<Placed> {
  const [good, poison] = [new Set<string>(), new Map<string, number>()]
  for (let n = 0; n < ORDERS; n += 1) {
    const kind = n % EVERY === 0 ? (n / EVERY) % POISON.length : undefined
    const usual = { lines: [{ sku: `SKU-${n % 40}`, name: `Goods ${n % 40}`, unitPrice: '12.34', quantity: 1 + (n % 3) }], silent: true }
    const id = await world.shop.act('place', { ...usual, ...(kind === undefined ? {} : POISON[kind]?.order()) })
    if (kind === undefined) good.add(id)
    else poison.set(id, kind)
  }
  return { good, poison }
}

/** Orders whose newest document waits for a person. */
async function heldOrders(world: World, connection: string): Promise<ReadonlySet<string>> {
  const { rows } = await world.pool.query<{ id: string }>(
    `select h.external_id as id from raw_heads h join raw_dispositions d on d.raw_id = h.raw_id where h.connection_id = $1 and h.kind = 'order' and d.disposition = 'held'`,
    [connection],
  )
  return new Set(rows.map((row) => row.id))
}

export const experiment: Experiment = {
  id: 'F-D1',
  title: `one poisoned order in ${EVERY}: crashes, impossible money, 9 MB, broken characters`,
  minutes: 1,
  async run(rig) {
    const { world, turn } = await crookedWorld(rig, 'throws')
    const { good, poison } = await place(world)
    const connection = await world.connect({ startFrom: new Date(Date.now() - 3_600_000).toISOString() })
    const heads = (): Promise<number> => world.count(`select count(*) from raw_heads where kind = 'order' and connection_id = $1`, [connection])
    await eventually('every document has arrived', async () => ((await heads()) === ORDERS ? true : undefined), 120)
    const flowing = await judge(world, { connection, among: (truth) => good.has(truth.orderId) })
    const held = await heldOrders(world, connection)
    const stored = await world.count('select count(*) from orders where connection_id = $1', [connection])
    const expected = [...poison].filter(([, kind]) => POISON[kind]?.held === true).map(([id]) => id)
    if (expected.length < 3) throw new Vacuous('too few orders were poisoned')
    const wrongly = [...held].filter((id) => !poison.has(id))
    const missed = expected.filter((id) => !held.has(id))
    await turn('sound')
    const healedAt = performance.now()
    const { change, create } = await replay(world, { connection, disposition: 'held' })
    const unreadable = new Set([...poison].filter(([, kind]) => POISON[kind]?.name === 'names no currency that can be').map(([id]) => id))
    const { verdict, seconds } = await untilAgreed(world, connection, healedAt, { among: (truth) => !unreadable.has(truth.orderId), pull: false })
    const whole = held.size + stored === ORDERS
    return {
      faults: poison.size,
      lost: flowing.lost.length + verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(flowing) && flowing.compared === good.size && sound(verdict) && wrongly.length === 0 && missed.length === 0 && whole,
      notes: [
        `${flowing.compared} of ${good.size} sound orders flow`,
        `${held.size} held (${wrongly.length} wrongly, ${missed.length} poisoned ones not), ${held.size} + ${stored} stored = ${ORDERS} documents: ${String(whole)}`,
        `after the fix a replay brought ${create + change} in`,
        ...complaints(flowing),
        ...complaints(verdict),
      ],
    }
  },
}
