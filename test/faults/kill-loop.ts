import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous } from './experiment.ts'
import type { Rig } from './rig.ts'
import { eventually } from './wait.ts'

export interface KillLoop {
  readonly rig: Rig
  readonly times: number
  /** How much has been done so far. */
  readonly progress: () => Promise<number>
  /** At least so much between two kills, or the loop proved nothing. */
  readonly atLeast: number
  readonly kill: (n: number) => Promise<void>
  /** Waits this long at random once there was progress, so that the kill falls anywhere. */
  readonly jitterMs: number
  readonly patienceSeconds?: number
}

/** Kills again and again, each time only after real progress; answers how many fired. @throws Vacuous when nothing moved */
export async function killLoop(loop: KillLoop): Promise<number> {
  let before = await loop.progress()
  for (let n = 1; n <= loop.times; n += 1) {
    const from = before
    const moved = await eventually(
      'progress',
      async () => {
        const now = await loop.progress().catch(() => from)
        return now - from >= loop.atLeast ? now - from : undefined
      },
      loop.patienceSeconds ?? 60,
      20,
    ).catch(() => undefined)
    if (moved === undefined) throw new Vacuous(`fewer than ${loop.atLeast} effects before kill ${n} of ${loop.times}`)
    await sleep(loop.rig.int(0, loop.jitterMs))
    before = await loop.progress().catch(() => from + moved)
    await loop.kill(n)
    loop.rig.say(`kill ${n} after ${before - from} effects`)
  }
  return loop.times
}
