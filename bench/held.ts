import { costsInTurn, type Costs, type Held } from './costs.ts'
import { readHeldNote, writeHeldNote, type HeldNote } from './held-note.ts'
import type { Hub } from './hub-process.ts'
import { peakRss } from './processes.ts'
import type { Sitting } from './sitting.ts'
import { backfill, connect, stockGoods } from './steps.ts'

export interface Size {
  readonly orders: number
  readonly costs: Costs
  /** The most memory the hub's process had until it held that many, bytes. */
  readonly peakRss: number | undefined
  readonly databaseBytes: number
}

const STEP = 20_000

const held = new WeakMap<Sitting, Promise<readonly Size[]>>()

/**
 * A hub filled through its own backfill to 1,000,000 orders, and beside it one filled to 10,000; looked at in turn. In a directory of its own
 * (`--home`) the large one stays, and what was interrupted goes on.
 */
export function heldSizes(sitting: Sitting): Promise<readonly Size[]> {
  const known = held.get(sitting) ?? measure(sitting)
  held.set(sitting, known)
  return known
}

async function measure(sitting: Sitting): Promise<readonly Size[]> {
  const most = sitting.options.held
  const least = Math.max(1000, most / 100)
  const mock = await sitting.mock()
  await mock.control(`reset?n=${most}`)
  const large = await sitting.anotherHub(sitting.options.home)
  try {
    const { connectionId, peaks } = await fill(sitting, large, least, most)
    const small = await sitting.anotherHub()
    try {
      const few = await fill(sitting, small, least, least)
      const hubs = [
        { hub: small, connectionId: few.connectionId, orders: least },
        { hub: large, connectionId, orders: most },
      ]
      const costs = await costsInTurn(hubs)
      return await Promise.all(hubs.map((one, at) => sizeOf(sitting, one, costs[at], peaks)))
    } finally {
      await sitting.stop(small)
    }
  } finally {
    await sitting.stop(large)
  }
}

async function sizeOf(sitting: Sitting, { hub, orders }: Held, costs: Costs | undefined, peaks: HeldNote['peaks']): Promise<Size> {
  if (!costs) throw new Error(`The hub with ${orders} orders was not looked at.`)
  sitting.say(
    `held: at ${orders} ${Object.entries(costs)
      .map(([name, ms]) => `${name} ${Number(ms).toFixed(1)} ms`)
      .join(', ')}`,
  )
  return { orders, costs, peakRss: peaks.find((peak) => peak.orders === orders)?.peakRss, databaseBytes: await databaseBytes(hub) }
}

/** To `most` orders, in steps; what a step brought is written down, so that a later sitting goes on from there. */
async function fill(sitting: Sitting, hub: Hub, least: number, most: number): Promise<HeldNote> {
  let note = await readHeldNote(hub.home)
  if (!note) {
    await stockGoods(hub)
    const mock = await sitting.mock()
    note = { connectionId: (await connect(hub, mock)).id, mockPort: Number(new URL(mock.url).port), orders: 0, peaks: [] }
  }
  for (const started = performance.now(), from = note.orders; note.orders < most;) {
    const at = note.orders
    const to = Math.min(at < least ? least : most, at + STEP)
    await backfill(hub, { id: note.connectionId }, at, to)
    note = { ...note, orders: to, peaks: to === least || to === most ? [...note.peaks, ...peakOf(hub, to, note)] : note.peaks }
    await writeHeldNote(hub.home, note)
    sitting.say(
      `held: ${to} orders, ${Math.round((to - from) / ((performance.now() - started) / 1000))} orders/s, ${mb(peakRss(hub.pids.hub))} MB at most`,
    )
  }
  return note
}

const mb = (bytes: number | undefined): string => (bytes === undefined ? '?' : (bytes / 1e6).toFixed(0))

function peakOf(hub: Hub, orders: number, { peaks }: HeldNote): HeldNote['peaks'] {
  const now = peakRss(hub.pids.hub)
  return now === undefined ? [] : [{ orders, peakRss: Math.max(now, ...peaks.map(({ peakRss }) => peakRss)) }]
}

async function databaseBytes(hub: Hub): Promise<number> {
  const { rows } = await hub.db.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes')
  return Number(rows[0]?.bytes ?? 0)
}
