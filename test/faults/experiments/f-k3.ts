import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment.ts'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { killLoop } from '../kill-loop.ts'
import type { Answer } from '../hub-client.ts'
import { deathsOf, type World } from '../world.ts'
import { eventually, secondsSince } from '../wait.ts'

const ORDERS = 3000
const KILLS = 3

/** How long a question to the database took beyond one that needs none, asked in the same moment: a busy machine slows both. */
async function askBeside(world: World): Promise<{ readonly status: number; readonly ms: number }> {
  const ask = (path: string): Promise<Answer> =>
    world.hub.ask('GET', path, undefined, 20_000).catch((error: unknown): Answer => ({ status: 0, ms: 20_000, body: String(error) }))
  const [asked, beside] = await Promise.all([ask('/v1/orders?limit=1'), ask('/healthz')])
  return { status: asked.status, ms: asked.ms - beside.ms }
}

export const experiment: Experiment = {
  id: 'F-K3',
  title: 'kill -9 of the PostgreSQL postmaster in the middle of batches',
  minutes: 1.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(60)
    const odd: string[] = []
    let recovery = 0
    let upAt = 0
    const faults = await killLoop({
      rig,
      times: KILLS,
      atLeast: 100,
      jitterMs: 600,
      progress: () => world.count('select count(*) from raw_dispositions'),
      kill: async () => {
        await world.postgres.kill()
        for (let n = 0; n < 5; n += 1) {
          const { status, ms } = await askBeside(world)
          if (status !== 503 || ms > 2_000) odd.push(`while it was down the API answered ${status} after ${Math.round(ms)} ms`)
          await sleep(150)
        }
        await world.postgres.start()
        upAt = performance.now()
        const before = [sender.acked.size, await world.count('select count(*) from raw_dispositions')] as const
        await eventually('hooks and worker at work again', async () => {
          const drained = await world.count('select count(*) from raw_dispositions')
          return sender.acked.size > before[0] && drained > before[1] ? true : undefined
        })
        recovery = Math.max(recovery, secondsSince(upAt))
      },
    })
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const { verdict } = await untilAgreed(world, connection, upAt, { pull: false })
    const gone = await lostDeliveries(world, sender)
    const wrong = sender.attempts.filter((attempt) => attempt.status !== 503 && attempt.status !== 0 && attempt.status >= 300)
    if (wrong.length > 0) odd.push(`${wrong.length} deliveries were answered ${wrong[0]?.status}`)
    odd.push(...deathsOf(world))
    return {
      faults,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: recovery,
      pass: sound(verdict) && gone.length === 0 && odd.length === 0 && recovery <= 10 * rig.stretch,
      notes: [`${sender.acked.size} deliveries acknowledged`, ...odd.slice(0, 3), ...gone.slice(0, 3), ...complaints(verdict)],
    }
  },
}
