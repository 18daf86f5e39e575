import { peersOf, type PeerFigure } from '../peers/peers.ts'
import { limitOrdersPerSecond } from '../limit/run.ts'
import { judge, median, type Row } from '../report.ts'
import type { Metric, Sitting } from '../sitting.ts'
import { all, backfill, canonical, connect, retire, settle, type Pulled } from '../steps.ts'

/** A year's orders into an empty connection, beside the peers and the bare script on the same mock and the same database server. */
export const metric: Metric = {
  name: 'bulk',
  rank: 10,
  about: 'backfill, the peers, the limit',
  run: async (sitting) => {
    const runs: Pulled[] = []
    const limits: number[] = []
    const peers = peersOf(sitting)
    // One after the other, round by round: a machine that changes its speed does so for all of them.
    for (let i = 0; i < sitting.options.repeats; i += 1) {
      runs.push(await oneRun(sitting))
      limits.push(await limitOrdersPerSecond(sitting))
      for (const peer of peers) await peer.run()
    }
    const value = sitting.options.orders / median(runs.map((run) => run.seconds))
    return [
      ...rowsOf(
        value,
        median(limits),
        peers.map((peer) => peer.figure),
      ),
      ...cpuRows(runs, sitting.options.orders),
    ]
  },
}

async function oneRun(sitting: Sitting): Promise<Pulled> {
  const { orders } = sitting.options
  const [hub, mock] = [await sitting.hub(), await sitting.mock()]
  await mock.control(`reset?n=${orders}`)
  const connection = await connect(hub, mock)
  await settle(hub)
  const run = await backfill(hub, connection, 0, orders)
  sitting.say(`bulk: ${Math.round(orders / run.seconds)} orders/s`)
  const stored = await canonical(hub, connection)
  if (stored !== orders) throw new Error(`${stored} orders stand in the store instead of ${orders}.`)
  await retire(hub, connection)
  return run
}

function rowsOf(value: number, limit: number, peers: readonly PeerFigure[]): readonly Row[] {
  const lacking = peers.filter((peer) => peer.ordersPerSecond === null)
  const best = lacking.length > 0 ? null : Math.max(...peers.map((peer) => peer.ordersPerSecond ?? 0))
  const note = lacking.map((peer) => `${peer.name} is missing: ${peer.why ?? 'unknown'}`).join(' ')
  const unit = 'orders/s'
  return [
    judge(
      { metric: 'bulk', value, unit, ...(note !== '' && { note }) },
      { peer: { value: best, atLeast: 2.5 }, limit: { value: limit, atLeast: 0.45 } },
    ),
    judge({ metric: 'bulk_limit', value: limit, unit }, {}),
    ...peers.map((peer) => ({
      ...judge({ metric: `bulk_${peer.name}`, value: peer.ordersPerSecond, unit }, {}),
      ...(peer.why !== undefined && { note: peer.why }),
    })),
  ]
}

function cpuRows(runs: readonly Pulled[], orders: number): readonly Row[] {
  const per = (of: (run: Pulled) => number): number => (median(runs.map(of)) / orders) * 1000
  const unit = 'CPU-s/1k orders'
  return [
    judge({ metric: 'bulk_cpu', value: per((run) => all(run.cpu)), unit }, {}),
    judge({ metric: 'bulk_cpu_hub', value: per((run) => run.cpu.hub), unit }, {}),
    judge({ metric: 'bulk_cpu_postgres', value: per((run) => run.cpu.postgres), unit }, {}),
    judge({ metric: 'bulk_cpu_temporal', value: per((run) => run.cpu.temporal), unit }, {}),
  ]
}
