import { Vacuous, type Experiment } from '../experiment.ts'
import { crookedWorld } from '../crooked-world.ts'
import { complaints, judge, sound } from '../judge.ts'
import { armed, quiet } from '../outbound.ts'
import { replay } from '../replays.ts'
import { eventually } from '../wait.ts'
import type { World } from '../world.ts'

const ORDERS = 11_000
const DAYS = 30
const RATE = 200

interface Told {
  readonly effects: number
  readonly writes: number
  readonly seq: number
}

async function told(world: World): Promise<Told> {
  const [effects, seq] = [await world.count('select count(*) from effects'), await world.count('select coalesce(max(seq), 0) from feed')]
  return { effects, seq, writes: (await world.shop.stockWrites()).length + (await world.shop.shipments()).length }
}

/** A mapping with a bug reads 11,000 orders, ten in eleven wrongly; the fix is deployed and everything replayed. */
export const experiment: Experiment = {
  id: 'F-D3',
  title: 'a mapping bug makes 10,000 orders wrong; fix and replay',
  minutes: 2.5,
  async run(rig) {
    const { world, turn } = await crookedWorld(rig, 'status')
    await world.shop.pull('seed-orders', { count: ORDERS, spreadDays: DAYS })
    const connection = await world.connect({ startFrom: new Date(Date.now() - (DAYS + 1) * 86_400_000).toISOString() })
    const known = (): Promise<number> => world.count('select count(*) from orders where connection_id = $1', [connection])
    await eventually('all orders are read', async () => ((await known()) === ORDERS ? true : undefined), 180, 500)
    await armed(world, connection, 5000)
    const broken = await judge(world, { connection })
    const wrong = broken.lost.length
    if (wrong < 9900 || wrong > 10_100) throw new Vacuous(`the bug made ${wrong} orders wrong`)
    rig.say(`${wrong} of ${broken.compared} orders are wrong`)
    await turn('sound')
    await quiet(world, connection)
    const before = await told(world)
    const run = await replay(world, { connection }, 300)
    await quiet(world, connection)
    const after = await told(world)
    const verdict = await judge(world, { connection })
    const emitted = await world.count('select count(distinct order_id) from feed where seq > $1', [before.seq])
    const rate = run.done / run.seconds
    const effects = after.effects - before.effects + after.writes - before.writes
    const exact = run.change === wrong && emitted === wrong && after.seq - before.seq === wrong
    const again = await replay(world, { connection }, 300)
    const idle = again.change === 0 && (await told(world)).seq === after.seq
    return {
      faults: wrong,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: Math.round(run.seconds * 10) / 10,
      pass: sound(verdict) && exact && effects === 0 && rate >= RATE && idle,
      notes: [
        `${run.change} of ${wrong} corrected, ${emitted} orders in the feed again, ${after.seq - before.seq} feed rows`,
        `${Math.round(rate)} documents/s replayed (${run.done} in ${run.seconds.toFixed(1)} s)`,
        `${effects} effects, ${before.effects} before it`,
        `a second replay changed ${again.change}`,
        ...complaints(verdict),
      ],
    }
  },
}
