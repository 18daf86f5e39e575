import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rig } from './rig.ts'
import type { World, WorldOptions } from './world.ts'

export type Crook = 'sound' | 'status' | 'throws'

/** A world whose worker maps WooCommerce orders wrongly; `turn` restarts it with another mapping, as a deployment does. */
export async function crookedWorld(
  rig: Rig,
  first: Crook,
  options: WorldOptions = {},
): Promise<{ readonly world: World; readonly turn: (to: Crook) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-faults-mapping-'))
  rig.afterwards(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'mode')
  await writeFile(file, first)
  const script = fileURLToPath(new URL('./crooked-hub.ts', import.meta.url))
  const world = await rig.world({ ...options, wrapWorker: [process.execPath, '--import', 'tsx', script, file] })
  return {
    world,
    turn: async (to) => {
      await writeFile(file, to)
      await world.worker.stop()
      await world.worker.start()
    },
  }
}
