import type pg from 'pg'
import { withTx } from '../store/db.ts'
import { lookForIncidents, readTrail, saveTrail } from '../store/deliver/incidents.ts'
import { causesOf } from './incident-causes.ts'

/**
 * Brings the incidents up to what the books say now, and keeps with each what led to it. Answers how many began, changed or ended. Safe to call
 * from any number of processes.
 */
export function watchIncidents({ pool, now }: { readonly pool: pg.Pool; readonly now: Date }): Promise<number> {
  return withTx(pool, async (client) => {
    const looks = await lookForIncidents(client, now)
    // What an incident leaves behind when it is over is what led to it, not how it was mended.
    for (const { id, sku, short, closed_at } of looks) {
      if (closed_at !== null) continue
      const trail = await readTrail(client, sku, now)
      await saveTrail(client, id, { trail, causes: causesOf(trail, Number(short)) })
    }
    return looks.length
  })
}
