import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownDatabase, rowsIn } from '../limit/run.ts'
import { outputOf } from '../processes.ts'
import { median } from '../report.ts'
import type { Sitting } from '../sitting.ts'
import { settle } from '../steps.ts'
import { environment } from './venv.ts'

/** What a peer reached, or why it could not run. */
export interface PeerFigure {
  readonly name: string
  readonly ordersPerSecond: number | null
  readonly why?: string
}

interface Peer {
  readonly name: string
  readonly packages: readonly string[]
  readonly table: string
  /** Seconds of an initial load. */
  load(at: { readonly bin: string; readonly shop: string; readonly database: string; readonly folder: string }): Promise<number>
}

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const dlt: Peer = {
  name: 'dlt',
  packages: ['dlt[postgres]==1.31.0'],
  table: 'dlt.orders',
  load: async ({ bin, shop, database, folder }) => {
    const output = await outputOf(spawn(join(bin, 'python'), [script('dlt_pull.py'), shop, database, folder], { stdio: ['ignore', 'pipe', 'pipe'] }))
    const said: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    return typeof said === 'object' && said !== null && 'seconds' in said ? Number(said.seconds) : Number.NaN
  },
}

const singer: Peer = {
  name: 'singer',
  packages: ['singer-sdk==0.54.9', 'meltanolabs-target-postgres==0.8.1'],
  table: 'singer.orders',
  load: async ({ bin, shop, database, folder }) => {
    const [tap, target] = [join(folder, 'tap.json'), join(folder, 'target.json')]
    await writeFile(tap, JSON.stringify({ shop }))
    const sqlalchemy_url = database.replace(/^postgres(ql)?:/, 'postgresql+psycopg:')
    await writeFile(target, JSON.stringify({ sqlalchemy_url, default_target_schema: 'singer', validate_records: false, use_copy: true }))
    const started = performance.now()
    // The shell joins the two, as it does for every user of Singer. Whether both went well shows in the rows.
    await outputOf(
      spawn('sh', ['-c', '"$0/python" "$1" --config "$2" | "$0/target-postgres" --config "$3"', bin, script('singer_tap.py'), tap, target], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    return (performance.now() - started) / 1000
  },
}

/** What would be used instead, run by run. */
export const peersOf = (sitting: Sitting): readonly PeerRuns[] => [dlt, singer].map((peer) => new PeerRuns(sitting, peer))

/** The runs of one peer; the first that fails is its last. */
export class PeerRuns {
  readonly #sitting: Sitting
  readonly #peer: Peer
  readonly #runs: number[] = []
  #why: string | undefined

  constructor(sitting: Sitting, peer: Peer) {
    this.#sitting = sitting
    this.#peer = peer
  }

  async run(): Promise<void> {
    if (this.#why !== undefined) return
    const { name, packages } = this.#peer
    try {
      const bin = await environment(`${name}-${packages[0]?.split('==')[1] ?? ''}`, packages, this.#sitting.say)
      this.#runs.push(await once(this.#sitting, this.#peer, bin))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#sitting.say(`${name} could not run: ${why}`)
      this.#why = why.slice(0, 300)
    }
  }

  get figure(): PeerFigure {
    const { name } = this.#peer
    return this.#why === undefined ? { name, ordersPerSecond: median(this.#runs) } : { name, ordersPerSecond: null, why: this.#why }
  }
}

async function once(sitting: Sitting, peer: Peer, bin: string): Promise<number> {
  const [hub, mock] = [await sitting.hub(), await sitting.mock()]
  const { orders } = sitting.options
  await mock.control(`reset?n=${orders}`)
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-peer-'))
  try {
    const database = await ownDatabase(hub, `bench_${peer.name}`)
    await settle(hub)
    const seconds = await peer.load({ bin, shop: `${mock.url}/1`, database, folder })
    const { rows, distinct } = await rowsIn(database, peer.table, 'id')
    if (rows !== orders || distinct !== orders)
      throw new Error(`${peer.name} loaded ${rows} orders, ${distinct} of them distinct, instead of ${orders}.`)
    sitting.say(`${peer.name}: ${Math.round(orders / seconds)} orders/s`)
    return orders / seconds
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
