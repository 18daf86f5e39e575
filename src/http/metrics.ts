import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { backlog } from '../store/read/backlog.ts'
import type { HttpDeps } from './deps.ts'

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

/** Prometheus metrics of the API process; backlog gauges are read from the database when scraped. */
export function createHttpMetrics(deps: HttpDeps): HttpMetrics {
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
  return {
    observe: ({ method, route, status, seconds }) => requests.observe({ method, route, status: String(status) }, seconds),
    async text() {
      for (const row of await backlog(deps.pool)) gauges.set({ what: row.what }, row.count)
      return { body: await registry.metrics(), contentType: registry.contentType }
    },
  }
}
