import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { judgeFleet } from '../fleet-judge.ts'
import { allAccepted, HookProbe } from '../hook-probe.ts'
import { complaints, sound } from '../judge.ts'
import { FeedReader, openMembers, p95, p99, shopping, watchMemory } from '../load.ts'
import { eventually, secondsSince } from '../wait.ts'

const SHOPS = 30
const QUIET = 20
const PEAK = 200
const MINUTES = 10
/** Shares of the whole time: quiet, peak; the rest is for what is left over. */
const [QUIET_SHARE, PEAK_SHARE] = [0.2, 0.6]
const ACK_MS = 500
const LAG_SECONDS = 30
const DRAIN_SECONDS = 300
const MEMORY_MB = 1500

/** The evening of the eleventh of November: thirty shops, first 20 orders a second in all, then 200, by webhooks and polls. */
export const experiment: Experiment = {
  id: 'F-L1',
  title: `${SHOPS} shops go from ${QUIET} to ${PEAK} orders a second`,
  minutes: MINUTES + 3,
  async run(rig) {
    const seconds = (rig.minutes ?? MINUTES) * 60
    const world = await rig.world()
    const members = await openMembers(rig, world, SHOPS)
    const [first] = members
    if (!first) throw new Vacuous('there are no shops')
    world.tail.start()
    const reader = new FeedReader(world.hub, { limit: 500, pauseMs: 0 })
    reader.start()
    const memory = watchMemory([world.api, ...world.workers])
    const count = (): Promise<number> => world.count('select count(*) from orders')
    const drive = async (perSecond: number): Promise<void> => void (await Promise.all(members.map(({ shop }) => shopping(shop, perSecond / SHOPS))))
    await drive(QUIET)
    await eventually('orders to deliver again', async () => ((await first.shop.openOrders()).length >= 10 ? true : undefined), 120)
    const probe = await HookProbe.of(world, first.connection, first.shop, (await first.shop.openOrders()).slice(0, 10))
    probe.start(10)
    await sleep(seconds * QUIET_SHARE * 1000)
    const calm = await probe.stop()
    rig.say(`quiet: ${await count()} orders, acknowledged in p99 ${p99(calm.map((ack) => ack.ms))} ms`)
    const peakFrom = Date.now()
    await drive(PEAK)
    probe.start(10)
    await sleep(seconds * PEAK_SHARE * 1000)
    await drive(0)
    const peakTo = Date.now()
    const stopped = performance.now()
    const acks = await probe.stop()
    rig.say(
      `peak: ${await count()} orders, acknowledged in p99 ${p99(acks.map((ack) => ack.ms))} ms, ${await world.count('select count(*) from inbox')} deliveries wait`,
    )
    const placed = new Map<string, number>()
    for (const { shop, connection } of members) for (const one of await shop.placements()) placed.set(`${connection} ${one.orderId}`, one.at)
    const drained = async (): Promise<true | undefined> =>
      (await world.count('select (select count(*) from inbox) + (select count(*) from fetch_queue)')) === 0 && reader.heard.size >= placed.size
        ? true
        : undefined
    await eventually('everything has arrived', drained, DRAIN_SECONDS, 500).catch(() => undefined)
    const recoverySeconds = secondsSince(stopped)
    await reader.stop()
    const inPeak = [...placed].filter(([, at]) => at >= peakFrom && at < peakTo)
    const reached = inPeak.length / ((peakTo - peakFrom) / 1000)
    if (reached < PEAK * 0.8) throw new Vacuous(`the shops placed ${Math.round(reached)} orders a second, not ${PEAK}`)
    const lag = p95(inPeak.map(([name, at]) => ((reader.heard.get(name) ?? Date.now()) - at) / 1000))
    const verdict = await judgeFleet(world, members)
    const used = memory().map(({ name, samples }) => ({ name, most: Math.max(0, ...samples) }))
    const ackMs = p99(acks.map((ack) => ack.ms))
    const deaths = world.api.deaths + world.worker.deaths
    const inTime = ackMs <= ACK_MS && lag <= LAG_SECONDS && recoverySeconds <= DRAIN_SECONDS
    return {
      faults: inPeak.length,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds,
      pass: sound(verdict) && allAccepted(acks) && inTime && deaths === 0 && used.every(({ most }) => most > 0 && most < MEMORY_MB),
      notes: [
        `${placed.size} orders, ${Math.round(reached)} a second at the peak`,
        `acknowledged in p99 ${ackMs} ms (${p99(calm.map((ack) => ack.ms))} ms before), feed lag p95 ${lag} s`,
        ...used.map(({ name, most }) => `${name} at most ${most} MB`),
        ...complaints(verdict),
      ],
    }
  },
}
