import { rmSync } from 'node:fs'
import { Hono } from 'hono'
import type { ChannelSim } from '../stage/channel-sim.ts'
import { createClock } from '../stage/clock.ts'
import type { FaultEnv } from '../stage/faults.ts'
import { createFaultPlan } from '../stage/faults.ts'
import { createRandom } from '../stage/random.ts'
import { createPortal } from './portal.ts'

export interface FilesOptions {
  readonly seed?: number
  readonly name?: string
}

const refusal = (): Response => new Response('This channel is a folder.', { status: 404 })

/** A dealer portal that drops its orders as CSV into a folder and reads stock and shipments from another: nothing of it speaks HTTP. */
export function createFiles({ seed = 1 }: FilesOptions = {}): ChannelSim {
  const clock = createClock()
  const portal = createPortal(clock, createRandom(seed))
  const answers = { throttled: refusal, broken: refusal, unavailable: refusal, html: refusal, throttledAs200: refusal, unauthorized: refusal }
  const faults = createFaultPlan(answers, () => false)
  return {
    channel: 'files',
    credentials: {},
    app: new Hono<FaultEnv>().all('*', refusal),
    ledger: portal.ledger,
    control: { ...portal.control, setFault: faults.set, clearFaults: faults.clear },
    clock,
    faults,
    folder: portal.folder,
    settings: () => ({ source: 'folder', fieldMap: 'generic-orders', stableSeconds: 0 }),
    setSite: () => undefined,
    stop() {
      portal.control.trickle(0)
      rmSync(portal.folder, { recursive: true, force: true })
    },
  }
}
