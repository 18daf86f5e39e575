import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { NODES } from '../core/nodes.ts'
import type { AppDeps } from './deps.ts'

export interface RequestSample {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface HttpMetrics {
  observe(sample: RequestSample): void
  text(): Promise<{ readonly body: string; readonly contentType: string }>
}

/** Prometheus metrics of the API process; what waits and goes through is what the board shows. */
export function createHttpMetrics(deps: AppDeps): HttpMetrics {
  const registry = deps.metrics ?? new Registry()
  if (deps.metrics === undefined) collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'hub_http_request_seconds',
    help: 'HTTP requests by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  const gauges = new Gauge({
    name: 'hub_backlog',
    help: 'What waits: inbox rows, open effects by state, open failures, feed position',
    labelNames: ['what'],
    registers: [registry],
  })
  const rates = new Gauge({
    name: 'hub_last_minute',
    help: 'Documents in and normalised, orders acknowledged and changes fed within the last minute',
    labelNames: ['what'],
    registers: [registry],
  })
  const stations = new Gauge({
    name: 'hub_orders_at_station',
    help: 'Open orders by the station they wait for: all, stuck and overdue',
    labelNames: ['station', 'what'],
    registers: [registry],
  })
  return {
    observe: ({ method, route, status, seconds }) => requests.observe({ method, route, status: String(status) }, seconds),
    async text() {
      const board = await deps.board.look(null)
      for (const [what, count] of Object.entries(board.backlog ?? {})) gauges.set({ what }, count)
      for (const [what, count] of Object.entries(board.rates)) rates.set({ what }, count)
      for (const station of board.nodes_at === null ? [] : NODES) {
        const here = board.nodes.filter(({ node }) => node === station)
        for (const what of ['orders', 'stuck', 'overdue'] as const)
          stations.set(
            { station, what },
            here.reduce((sum, load) => sum + load[what], 0),
          )
      }
      return { body: await registry.metrics(), contentType: registry.contentType }
    },
  }
}
