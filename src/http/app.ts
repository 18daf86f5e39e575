import { Hono } from 'hono'
import { createBoard } from './board-source.ts'
import { mountConsole } from './console-files.ts'
import { callerBehind } from './caller.ts'
import type { AppDeps, HttpDeps } from './deps.ts'
import { type HubEnv, mountRoutes } from './dispatch.ts'
import { mountDocs } from './docs-page.ts'
import { mountHealth } from './health.ts'
import { mountHooks } from './hooks.ts'
import { Gates } from './gates.ts'
import { createHttpMetrics } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { isHttps } from './principal.ts'
import { describeError } from './describe-error.ts'
import { Problem, problemResponse, toProblem } from './problem.ts'
import type { Route } from './route.ts'
import { allRoutes } from './routes/index.ts'
import { securityHeaders } from './security-headers.ts'
import { createTotals } from './totals.ts'
import { traceIdOf } from './trace.ts'

/** Paths that answer anybody. Everything else needs a key or a session. */
export const PUBLIC_PATHS: readonly string[] = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/hooks/{token}',
  '/hooks/apps/{channel}',
  '/v1/session (POST)',
  '/openapi.json',
  '/docs',
  'console files',
]

/** The hub's whole HTTP face: API, webhook door, health, docs and console. */
export function createApp(given: HttpDeps): Hono<HubEnv> {
  const deps: AppDeps = {
    ...given,
    board: createBoard(given),
    totals: createTotals(given),
    gates: new Gates(given.now),
    callerOf: callerBehind(given.settings.trustedProxies ?? []),
  }
  const app = new Hono<HubEnv>()
  const routes: readonly Route[] = allRoutes
  const metrics = createHttpMetrics(deps)
  app.use(async (c, next) => {
    const started = performance.now()
    c.set('traceId', traceIdOf(c.req.raw, c.env?.incoming))
    await next()
    if (c.get('headed') !== true) {
      c.res.headers.set('x-request-id', c.get('traceId'))
      for (const [name, value] of securityHeaders(isHttps(deps))) if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
    metrics.observe({
      method: c.req.method,
      route: c.get('routePath') ?? 'other',
      status: c.res.status,
      seconds: (performance.now() - started) / 1000,
    })
  })
  app.onError((error, c) => {
    const problem = toProblem(error)
    const where = { path: c.req.path, traceId: c.get('traceId') }
    if (problem.status >= 500)
      deps.log.error({ traceId: where.traceId, route: c.get('routePath'), code: problem.code, error: describeError(error) }, 'A request failed')
    return problemResponse(problem, where)
  })
  app.notFound((c) =>
    problemResponse(new Problem(404, 'not-found', 'There is nothing at this address.'), { path: c.req.path, traceId: c.get('traceId') }),
  )
  mountHealth(app, deps, metrics)
  mountHooks(app, deps)
  mountRoutes(app, routes, deps)
  const document = JSON.stringify(openApiDocument(routes, deps.settings.version))
  app.get('/openapi.json', () => new Response(document, { headers: { 'content-type': 'application/json; charset=utf-8' } }))
  mountDocs(app)
  if (deps.console !== undefined) mountConsole(app, deps.console.dir)
  return app
}
