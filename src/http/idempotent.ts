import { claimKey, keepAnswer, releaseKey, requestHash } from '../store/people/idempotency.ts'
import type { HttpDeps } from './deps.ts'
import type { Principal } from './principal.ts'
import { Problem, problemResponse, toProblem } from './problem.ts'

interface KeyedRequest {
  readonly who: Principal
  readonly request: Request
  readonly bytes: Uint8Array
}

/**
 * Runs `answer` once per Idempotency-Key of one caller: the same request again gets the stored answer, another request under
 * the same key a 422, one that is still running a 409. Failures of ours (5xx) free the key.
 */
export async function withIdempotency(deps: HttpDeps, { who, request, bytes }: KeyedRequest, answer: () => Promise<Response>): Promise<Response> {
  const key = request.headers.get('idempotency-key')
  if (key === null || who.kind === 'nobody') return answer()
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new Problem(400, 'idempotency-key-invalid', 'An Idempotency-Key has 1 to 200 printable characters without spaces.')
  const url = new URL(request.url)
  const slot = { actor: who.actor, key }
  const claim = await claimKey(deps.pool, slot, requestHash(request.method, url.pathname + url.search, bytes))
  if (claim.kind === 'other-request') throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key belongs to a different request.')
  if (claim.kind === 'in-flight') throw new Problem(409, 'idempotency-in-flight', 'The same request is still running.', { retryAfterSeconds: 1 })
  if (claim.kind === 'answered') return stored(claim.status, claim.body)
  return firstAnswer(deps, slot, answer, { path: url.pathname, traceId: '' })
}

async function firstAnswer(
  deps: HttpDeps,
  slot: { readonly actor: string; readonly key: string },
  answer: () => Promise<Response>,
  where: { readonly path: string; readonly traceId: string },
): Promise<Response> {
  try {
    const response = await answer()
    if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) await releaseKey(deps.pool, slot)
    else await keepAnswer(deps.pool, slot, response.status, await response.clone().text())
    return response
  } catch (error) {
    const problem = toProblem(error)
    if (problem.status >= 500) await releaseKey(deps.pool, slot)
    else await keepAnswer(deps.pool, slot, problem.status, await problemResponse(problem, where).text())
    throw error
  }
}

function stored(status: number, body: string): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json; charset=utf-8'
  return new Response(body, { status, headers: { 'content-type': type, 'cache-control': 'no-store', 'idempotency-replayed': 'true' } })
}
