import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import { audit, beginAudit, endAudit, type AuditEntry } from '../store/people/audit.ts'
import type { AppDeps } from './deps.ts'
import { withIdempotency } from './idempotent.ts'
import { type Principal, NOBODY, identify, requireOwnOrigin, requireScope } from './principal.ts'
import { requireEveryPlace } from './places.ts'
import { Problem, toProblem } from './problem.ts'
import { decodeUtf8, readJson } from './read-body.ts'
import { type RawAsk, type Route, Reply } from './route.ts'

export interface HubEnv {
  Bindings: Partial<HttpBindings>
  /** `headed`: the answer was made with every header it should have. */
  Variables: { traceId: string; who: Principal; routePath: string; headed?: boolean }
}

/** Adds routes to the app; every path also answers 405 to methods it does not have. */
export function mountRoutes(app: Hono<HubEnv>, routes: readonly Route[], deps: AppDeps): void {
  // Fixed addresses, with their 405, before those with a parameter in the same place.
  for (const path of new Set(routes.map((spec) => spec.path).toSorted((a, b) => parametersOf(a) - parametersOf(b)))) {
    const own = routes.filter((spec) => spec.path === path)
    for (const spec of own) app.on(spec.method.toUpperCase(), honoPath(path), (c) => dispatch(c, spec, deps))
    const allowed = own.map((spec) => spec.method.toUpperCase())
    app.all(honoPath(path), () => {
      throw new Problem(405, 'method-not-allowed', `Only ${allowed.join(', ')}.`)
    })
  }
}

const parametersOf = (path: string): number => path.split('{').length

/** `/v1/orders/{id}` as Hono writes it. */
const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

async function dispatch(c: Context<HubEnv>, spec: Route, deps: AppDeps): Promise<Response> {
  c.set('routePath', spec.path)
  const request = c.req.raw
  const clientIp = deps.callerOf(clientAddress(c), c.req.header('x-forwarded-for'))
  const who = await admit(request, spec, deps, clientIp)
  c.set('who', who)
  deps.gates.call(who.kind === 'nobody' ? `ip:${clientIp}` : who.actor)
  const { value, bytes } = spec.raw === undefined ? await readJson(request) : { value: undefined, bytes: new Uint8Array() }
  let noted: Noted | undefined
  const ask: RawAsk = {
    deps,
    who,
    request,
    clientIp,
    params: c.req.param(),
    query: new URL(request.url).searchParams,
    body: value,
    bodyText: () => decodeUtf8(bytes),
    traceId: c.get('traceId'),
    note: (details, subject) => {
      noted = subject === undefined ? { details } : { details, subject }
    },
  }
  // Streams hold a database session until they are read to the end, which nobody does after HEAD.
  if (request.method === 'HEAD' && spec.produces !== undefined) return new Response(null, { headers: { 'content-type': spec.produces } })
  const perform = async (): Promise<Response> => {
    const response = toResponse(await spec.run(ask), spec)
    if (deps.settings.verifyAnswers === true) await verifyAnswer(response, spec)
    return response
  }
  const answer = async (): Promise<Response> => {
    const action = spec.audit
    return action === undefined
      ? perform()
      : entered(deps, { actor: who.actor, action, subject: Object.values(ask.params).join('/') }, perform, () => noted)
  }
  return spec.method === 'post' && spec.raw === undefined && spec.secretAnswer !== true
    ? withIdempotency(deps, { who, request, bytes }, answer)
    : answer()
}

interface Noted {
  readonly details: Readonly<Record<string, unknown>>
  readonly subject?: string
}

/** Does what is an entry of the audit log: begun before and entered after, so that neither a crash nor a lost database leaves it out. */
async function entered(deps: AppDeps, entry: AuditEntry, perform: () => Promise<Response>, noted: () => Noted | undefined): Promise<Response> {
  const begun = await beginAudit(deps.pool, entry, deps.now())
  let response: Response
  try {
    response = await perform()
  } catch (error) {
    // A refusal changed nothing. Whether a fault of ours did is not known: then what was begun is entered as interrupted.
    if (toProblem(error).status < 500) await endAudit(deps.pool, begun)
    throw error
  }
  await audit(deps.pool, { ...entry, ...noted() }, deps.now(), begun)
  return response
}

/** Who is asking, and may they? A person who must change the password, or add a second factor, can do nothing else. */
async function admit(request: Request, spec: Route, deps: AppDeps, address: string): Promise<Principal> {
  if (spec.scope === 'public') return NOBODY
  const found = await identify(deps, request).catch((error: unknown) => {
    if (error instanceof Problem && error.status === 401) deps.gates.refused(address)
    throw error
  })
  const who = { ...found, address }
  requireScope(who, spec.scope)
  requireEveryPlace(who, spec)
  const unsafe = request.method !== 'GET' && request.method !== 'HEAD'
  if (who.session !== undefined && unsafe) requireOwnOrigin(deps, request)
  if (who.user?.mustChange === true && !spec.path.startsWith('/v1/session')) {
    throw new Problem(403, 'password-change-required', 'Choose a password of your own first.')
  }
  if (who.user?.mustEnrol === true && !spec.path.startsWith('/v1/session')) {
    throw new Problem(403, 'second-factor-required', 'Your role needs a second factor: add an authenticator app first.')
  }
  return who
}

function toResponse(result: unknown, spec: Route): Response {
  if (result instanceof Response) return result
  const reply = result instanceof Reply ? result : new Reply(result, { status: spec.status ?? 200 })
  if (spec.status === 204) return new Response(null, { status: 204, headers: reply.headers })
  return new Response(JSON.stringify(reply.value), {
    status: reply.status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...reply.headers },
  })
}

/** The answer fits its own description in the API document. */
async function verifyAnswer(response: Response, spec: Route): Promise<void> {
  if ((response.headers.get('content-type') ?? '').startsWith('application/json')) spec.answer.parse(await response.clone().json())
}

/** The peer's address; undefined sockets (tests, in-process calls) count as local. */
export const clientAddress = (c: Context<HubEnv>): string => c.env?.incoming?.socket.remoteAddress ?? '127.0.0.1'
