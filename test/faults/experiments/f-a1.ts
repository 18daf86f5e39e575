import { setTimeout as sleep } from 'node:timers/promises'
import { openEveryChannel } from '../every-channel.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { judgeFleet } from '../fleet-judge.ts'
import { complaints, sound, type Judgement } from '../judge.ts'
import { watchMemory } from '../load.ts'
import { eventually, secondsSince } from '../wait.ts'
import { deathsOf } from '../world.ts'

const CONNECTIONS = 30
const MINUTES = 10
/** Things that happen in each shop in a minute: six times the usual ten. */
const PER_MINUTE = 60
const MIX = { place: 50, edit: 14, refund: 14, cancel: 8, ship: 14, requestCancel: 0, fault: 0 }
/** Refilling shelves is no event of an order and comes on top. */
const RESTOCK = 15
/** Amazon gives one page of a hundred changes in three minutes, and ten minutes of this are seven pages. */
const AGREE_SECONDS = 900
/** The last third of the time may hold this much more than the middle one. */
const FLAT = 1.15
/** A shop in which less happened was no shop of this experiment. */
const LEAST_SHARE = 0.7

export const experiment: Experiment = {
  id: 'F-A1',
  title: `${CONNECTIONS} connections over all channels at six-fold rate`,
  minutes: MINUTES + 15,
  async run(rig) {
    const minutes = rig.minutes ?? MINUTES
    const world = await rig.world()
    const members = await openEveryChannel(rig, world, CONNECTIONS)
    const spoken = new Set(members.map(({ channel }) => channel))
    rig.say(`${members.length} connections over ${spoken.size} channels`)
    world.tail.start()
    const memory = watchMemory([world.api, ...world.workers])
    const drive = (perMinute: number): Promise<unknown> =>
      Promise.all(members.map(({ shop }) => shop.pull('trickle', { perMinute, mix: { ...MIX, restock: RESTOCK } })))
    await drive((PER_MINUTE * (100 + RESTOCK)) / 100)
    await sleep(minutes * 60_000)
    await drive(0)
    const stopped = performance.now()
    const held = memory()
    const happened: Record<string, number> = {}
    for (const { shop } of members) {
      const facts = await shop.changes()
      for (const { change } of facts) happened[change] = (happened[change] ?? 0) + 1
      const placed = facts.filter(({ change }) => change === 'placed').length
      if (placed < LEAST_SHARE * PER_MINUTE * minutes * (MIX.place / 100)) throw new Vacuous(`only ${placed} orders were placed at ${shop.name}`)
    }
    rig.say(
      `${Object.entries(happened)
        .map(([what, times]) => `${times} ${what}`)
        .join(', ')}; waiting until all agree`,
    )
    let verdict: Judgement | undefined
    // Asked for once; from then on each connection keeps its own pace, as on any day. Asking again and again would use up what Amazon allows.
    await Promise.all(members.map(({ connection }) => world.pullNow(connection)))
    const agreed = async (): Promise<true | undefined> => {
      const waiting = await world.count('select (select count(*) from inbox) + (select count(*) from fetch_queue)').catch(() => 1)
      verdict = await judgeFleet(world, members)
      rig.say(`${waiting} wait; of ${verdict.compared} orders ${verdict.lost.length} are not as their channel says`)
      return waiting === 0 && sound(verdict) ? true : undefined
    }
    await eventually('hub and ledgers agree', agreed, AGREE_SECONDS, 15_000).catch(() => undefined)
    const recoverySeconds = secondsSince(stopped)
    verdict ??= await judgeFleet(world, members)
    for (const one of verdict.lost.slice(0, 60)) rig.say(one)
    const thirds = held.map(({ name, samples }) => ({ name, ...inThirds(samples) }))
    const died = deathsOf(world)
    return {
      faults: 0,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds,
      pass: sound(verdict) && died.length === 0 && thirds.every(({ middle, last }) => middle > 0 && last <= middle * FLAT),
      notes: [
        `${verdict.compared} orders over ${spoken.size} channels in ${minutes} minutes: ${Object.entries(happened)
          .map(([what, times]) => `${times} ${what}`)
          .join(', ')}`,
        ...thirds.map(({ name, middle, last }) => `${name} ${middle} MB in the middle third, ${last} MB in the last`),
        ...complaints(verdict),
        ...died,
      ],
    }
  },
}

/** Means of the middle and the last third, MB. */
function inThirds(samples: readonly number[]): { readonly middle: number; readonly last: number } {
  const third = Math.floor(samples.length / 3)
  const mean = (some: readonly number[]): number => Math.round(some.reduce((sum, one) => sum + one, 0) / Math.max(1, some.length))
  return { middle: mean(samples.slice(third, 2 * third)), last: mean(samples.slice(2 * third)) }
}
