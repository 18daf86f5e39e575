import { setTimeout as sleep } from 'node:timers/promises'
import type { Beside, Truth } from './beside.ts'
import type { TestHub } from './hub.ts'

/** Things that happen in a shop in a minute at the usual rate: twice the trickle of the sandbox. */
const USUAL_PER_MINUTE = 10
/** A shop is one small server: so many things at once and no more. */
const AT_ONCE = 3

export interface Acts {
  /** Answers the order's number at the hub. */
  place(n: number): Promise<string>
  edit(code: string): Promise<void>
  refund(code: string): Promise<void>
  cancel(code: string): Promise<void>
  ship(code: string): Promise<void>
}
type Act = keyof Acts

/** How long and how fast, as the script was told: `--minutes 10 --rate six-fold`. */
export function stormAsked(): { readonly minutes: number; readonly perMinute: number } {
  const rate = process.env['PEER_RATE'] ?? 'six-fold'
  const fold = rate === 'six-fold' ? 6 : Number(rate)
  return { minutes: Number(process.env['PEER_MINUTES'] ?? '1'), perMinute: USUAL_PER_MINUTE * fold }
}

const MIX: readonly (readonly [Act, number])[] = [['place', 50], ['edit', 14], ['refund', 14], ['cancel', 8], ['ship', 14]]

/** The same numbers every time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

export interface Tally {
  readonly done: Readonly<Record<Act, number>>
  /** What the shop itself did not let happen: an edit of what has left, a refund of what has none. */
  readonly declined: number
  readonly perMinute: number
  readonly kills: number
}

/** Orders, edits, refunds, cancels and packages at a steady rate, with the hub killed by -9 after a third and after two thirds of the time. */
export async function storm(hub: TestHub, acts: Acts, { minutes, perMinute }: ReturnType<typeof stormAsked>): Promise<Tally> {
  const next = dice(20_261_122)
  const done = { place: 0, edit: 0, refund: 0, cancel: 0, ship: 0 }
  const open: string[] = []
  const busy = new Set<string>()
  let [declined, placed] = [0, 0]
  const one = async (): Promise<void> => {
    const at = next() * 100
    let [act, upTo]: [Act, number] = ['place', 0]
    for (const [name, share] of MIX) {
      upTo += share
      act = name
      if (at < upTo) break
    }
    const code = open.length < 5 ? undefined : open[Math.floor(next() * open.length)]
    try {
      if (act === 'place' || code === undefined || busy.has(code)) {
        open.push(await acts.place(placed++))
        done.place += 1
        return
      }
      busy.add(code)
      if (act === 'cancel') open.splice(open.indexOf(code), 1)
      await acts[act](code).finally(() => busy.delete(code))
      done[act] += 1
    } catch {
      declined += 1
    }
  }
  const started = Date.now()
  const end = started + minutes * 60_000
  const running = new Set<Promise<void>>()
  const kills = [started + (end - started) / 3, started + ((end - started) * 2) / 3]
  let killing: Promise<void> = Promise.resolve()
  for (let n = 0; Date.now() < end; n += 1) {
    const due = started + (n * 60_000) / perMinute
    if (due > Date.now()) await sleep(due - Date.now())
    if (Date.now() >= (kills[0] ?? Infinity)) {
      kills.shift()
      killing = killing.then(() => hub.kill())
    }
    while (running.size >= AT_ONCE) await Promise.race(running)
    const work = one()
    running.add(work)
    void work.then(() => running.delete(work))
  }
  await Promise.all(running)
  await killing
  const all = Object.values(done).reduce((sum, each) => sum + each, declined)
  return { done, declined, perMinute: Math.round((all * 60_000) / (Date.now() - started)), kills: hub.kills() }
}

/** Plays it, waits until hub and shop agree order by order, and says so in figures. */
export async function weather(given: { readonly name: string; readonly hub: TestHub; readonly beside: Beside; readonly acts: Acts; readonly truths: () => Promise<readonly Truth[]> }): Promise<Tally> {
  const asked = stormAsked()
  const tally = await storm(given.hub, given.acts, asked)
  const over = Date.now()
  try {
    await given.beside.agreeSoon(given.truths, 240)
  } catch (error) {
    const said = given.hub.output().split('\n').filter((line) => /"level":"?(?:50|60|error|fatal)/.test(line))
    throw new Error(`Hub and shop do not agree. The hub's last errors:\n${said.slice(-8).join('\n')}`, { cause: error })
  }
  const orders = (await given.beside.orders()).size
  const { place, edit, refund, cancel, ship } = tally.done
  process.stdout.write(
    `${given.name}: ${asked.minutes} min at ${tally.perMinute} a minute (asked ${asked.perMinute}): ${place} orders, ${edit} edits, ${refund} refunds, ${cancel} cancels, ${ship} packages, ` +
      `${tally.declined} declined by the shop, ${tally.kills} kills; all ${orders} orders agree ${((Date.now() - over) / 1000).toFixed(0)} s after the last of it\n`,
  )
  return tally
}
