import { execFile } from 'node:child_process'
import { chown, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresAccount } from '../../../src/app/services/postgres-binaries.ts'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import type { Rig } from '../rig.ts'
import type { Postgres } from '../services.ts'
import { eventually, secondsSince } from '../wait.ts'
import { deathsOf } from '../world.ts'

const run = promisify(execFile)
const ORDERS = 1500

/** A disk of 64 MB for the tables; undefined where this machine does not let us mount one. */
async function smallDisk(rig: Rig): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-small-disk-'))
  rig.afterwards(() => rm(folder, { recursive: true, force: true }))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]).then(
    () => true,
    () => false,
  )
  if (!mounted) return undefined
  rig.afterwards(() => run('umount', [folder]))
  const { uid, gid } = await postgresAccount()
  if (uid !== undefined) await chown(folder, uid, gid ?? uid)
  return folder
}

async function moveTo(folder: string, postgres: Postgres): Promise<void> {
  const admin = new URL(postgres.url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  await client.query(`create tablespace small location '${folder}'`)
  await client.query('alter database hub set tablespace small')
  await client.end()
}

/** Takes all that is left of the disk. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w')
  const piece = Buffer.alloc(64 * 1024, 1)
  try {
    for (;;) await handle.write(piece)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await handle.close()
  }
}

export const experiment: Experiment = {
  id: 'F-R1',
  title: 'the disk of the database is full',
  minutes: 1,
  async run(rig) {
    const folder = await smallDisk(rig)
    if (folder === undefined) return { faults: 0, lost: 0, doubled: 0, pass: true, notes: [], skipped: 'no mount on this machine' }
    const world = await rig.world({ prepare: (postgres) => moveTo(folder, postgres) })
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(80)
    await eventually('deliveries before the disk is full', () => (sender.acked.size >= 100 ? true : undefined))
    const ballast = join(folder, 'ballast')
    await fill(ballast)
    const from = sender.attempts.length
    const refused = (): number => sender.attempts.slice(from).filter((one) => one.status === 503).length
    await eventually('deliveries refused for want of space', () => (refused() >= 20 ? true : undefined), 60).catch(() => undefined)
    if (refused() < 20) throw new Vacuous(`${refused()} deliveries were refused: the disk did not hurt`)
    const read = await world.hub.ask('GET', '/v1/orders?limit=5')
    const faults = refused()
    await rm(ballast)
    const freedAt = performance.now()
    const [acked, applied] = [sender.acked.size, await world.count('select count(*) from raw_dispositions')]
    await eventually('at work again', async () =>
      sender.acked.size > acked && (await world.count('select count(*) from raw_dispositions')) > applied ? true : undefined,
    )
    const recovery = secondsSince(freedAt)
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const { verdict } = await untilAgreed(world, connection, freedAt, { pull: false })
    const gone = await lostDeliveries(world, sender)
    const odd = sender.attempts.filter((one) => one.status !== 503 && one.status !== 200)
    const died = deathsOf(world)
    return {
      faults,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: recovery,
      pass: sound(verdict) && gone.length === 0 && odd.length === 0 && died.length === 0 && read.status === 200 && recovery <= 60 * rig.stretch,
      notes: [
        `${faults} deliveries answered 503 while it was full, reading answered ${read.status}`,
        ...(odd.length === 0 ? [] : [`${odd.length} were answered ${odd[0]?.status} ${odd[0]?.error}`]),
        ...died,
        ...gone.slice(0, 3),
        ...complaints(verdict),
      ],
    }
  },
}
