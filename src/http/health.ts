import { timingSafeEqual } from 'node:crypto'
import type { Hono } from 'hono'
import { pendingMigrations } from '../store/read/backlog.ts'
import type { HttpDeps } from './deps.ts'
import { type HubEnv, clientAddress } from './dispatch.ts'
import type { HttpMetrics } from './metrics.ts'
import { Problem } from './problem.ts'

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/** `/healthz` (alive), `/readyz` (database reachable and migrated) and `/metrics` (from loopback, or with the metrics token). */
export function mountHealth(app: Hono<HubEnv>, deps: HttpDeps, metrics: HttpMetrics): void {
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.settings.version }))
  app.get('/readyz', async (c) => {
    const pending = await pendingMigrations(deps.pool)
    if (pending.length > 0) throw new Problem(503, 'migrations-pending', `Migrations have not run: ${pending.join(', ')}.`, { retryAfterSeconds: 5 })
    return c.json({ status: 'ready' })
  })
  app.get('/metrics', async (c) => {
    // A reverse proxy on this machine also comes from loopback, but says for whom.
    const local = LOOPBACK.test(clientAddress(c)) && c.req.header('x-forwarded-for') === undefined && c.req.header('forwarded') === undefined
    if (!local && !isToken(c.req.header('authorization'), deps.settings.metricsToken))
      throw new Problem(401, 'not-signed-in', 'Metrics need the metrics token from here.')
    const { body, contentType } = await metrics.text()
    return new Response(body, { headers: { 'content-type': contentType } })
  })
}

function isToken(header: string | undefined, token: string | undefined): boolean {
  if (header === undefined || token === undefined || token === '') return false
  const given = Buffer.from(header)
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
