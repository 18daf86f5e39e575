import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Speaker } from './every-channel.ts'
import { shelves } from './last-pieces.ts'
import type { Rig } from './rig.ts'

const done = z.object({ ok: z.boolean(), reason: z.string().optional() })

export interface Rush {
  readonly sku: string
  readonly pieces: number
  readonly attempts: number
  readonly minutes: number
  /** Channels that get no visitor before `late` of all attempts were made; the last ones of the list. */
  readonly forgotten: number
  readonly late: number
}

export interface Sales {
  readonly sold: number
  readonly refused: number
  readonly bySeller: readonly number[]
  /** Moments at which what was sold and what all channels showed together was more than there is, of so many looks. */
  readonly excess: readonly string[]
  readonly looks: number
  readonly soldOutAfterSeconds: number | undefined
  readonly soldOutAtAttempt: number | undefined
  /** How long after the last piece was sold some channel still showed one. */
  readonly shownAfterZeroSeconds: number
}

const EVERY = 25
/** So many of the visitors wait until some shelf holds a piece and go there: a piece that comes back late has to find a buyer. */
const PATIENT = 100
const PATIENCE_MS = 8 * 60_000

/**
 * So many people, one after the other in even distances, each at one channel: at first most of them crowd at a few channels and nobody comes
 * to others, later they come everywhere, and the last ones wait for what comes back. Each buys one piece where the channel lets him.
 */
export async function buy(rig: Rig, members: readonly Speaker[], rush: Rush): Promise<Sales> {
  const startedAt = performance.now()
  const bySeller = members.map(() => 0)
  const excess: string[] = []
  const patientUntil = startedAt + rush.minutes * 60_000 + PATIENCE_MS
  let [sold, refused, looks, soldOutAt, soldOutAttempt, shownAfterZeroSeconds] = [0, 0, 0, 0, 0, 0]
  for (let n = 0; n < rush.attempts; n += 1) {
    const wait = (n * rush.minutes * 60_000) / rush.attempts - (performance.now() - startedAt)
    if (wait > 1) await sleep(wait)
    const seen = n < rush.attempts - PATIENT || soldOutAt > 0 ? -1 : await somewhere(members, rush.sku, patientUntil)
    const i = seen >= 0 ? seen : n < rush.attempts * rush.late ? crowded(rig, members.length - rush.forgotten) : rig.int(0, members.length - 1)
    const answer = done.parse(await members[i]?.shop.pull('shop', { lines: [{ sku: rush.sku, quantity: 1 }] }))
    if (answer.ok) {
      sold += 1
      bySeller[i] = (bySeller[i] ?? 0) + 1
      if (sold === rush.pieces) [soldOutAt, soldOutAttempt] = [performance.now(), n + 1]
    } else refused += 1
    if (n % EVERY !== 0 && (soldOutAt === 0 || n > soldOutAttempt + EVERY)) continue
    looks += 1
    const shown = (await shelves(members, rush.sku)).reduce((sum, one) => sum + Math.max(0, one), 0)
    if (shown + sold > rush.pieces) excess.push(`${sold} sold and ${shown} shown at attempt ${n + 1}`)
    if (soldOutAt > 0 && shown > 0) shownAfterZeroSeconds = Math.round((performance.now() - soldOutAt) / 100) / 10
    if (n % (EVERY * 20) === 0) rig.say(`${n} came, ${sold} bought; ${shown} on the shelves`)
  }
  return {
    sold,
    refused,
    bySeller,
    excess,
    looks,
    soldOutAfterSeconds: soldOutAt === 0 ? undefined : Math.round((soldOutAt - startedAt) / 1000),
    soldOutAtAttempt: soldOutAt === 0 ? undefined : soldOutAttempt,
    shownAfterZeroSeconds,
  }
}

/** A channel that shows a piece, as soon as there is one; below zero when nobody does for so long. */
async function somewhere(members: readonly Speaker[], sku: string, until: number): Promise<number> {
  for (;;) {
    const found = (await shelves(members, sku)).findIndex((units) => units > 0)
    if (found >= 0 || performance.now() > until) return found
    await sleep(1000)
  }
}

/** The first channel is twice as crowded as the second, three times as the third. */
function crowded(rig: Rig, count: number): number {
  const whole = Array.from({ length: count }, (_, i) => 1 / (i + 1)).reduce((sum, one) => sum + one, 0)
  let left = rig.random() * whole
  for (let i = 0; i < count; i += 1) {
    left -= 1 / (i + 1)
    if (left <= 0) return i
  }
  return count - 1
}
