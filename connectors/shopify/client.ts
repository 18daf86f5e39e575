import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { parseJson } from '../../src/kit/json.ts'
import { costOf, waitMs, type Cost } from './cost.ts'
import { siteOf } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

/** One GraphQL answer: the text as received (raw documents are slices of it), its `data` and what it cost. */
export interface Answer {
  readonly body: string
  readonly data: unknown
  readonly cost: Cost | undefined
}

type Variables = Readonly<Record<string, unknown>>

/** A read. Safe to repeat. */
export const query = (call: ShopifyCall, document: string, variables: Variables = {}): Promise<Answer> =>
  signedIn(call, { document, variables, idempotent: true })

/** A write. Exactly one attempt; throws `in-doubt` when no answer came. */
export const mutate = (call: ShopifyCall, document: string, variables: Variables): Promise<Answer> =>
  signedIn(call, { document, variables, idempotent: false })

/** Waits until the points for another answer like this one are there, instead of being refused. */
export async function paced(call: ShopifyCall, answer: Answer): Promise<Answer> {
  const ms = answer.cost ? waitMs(answer.cost) : 0
  if (ms > 0) await sleep(ms, undefined, { signal: call.signal }).catch(() => undefined)
  return answer
}

const isTooDear = (error: unknown): boolean => error instanceof ChannelError && error.fault.code === 'MAX_COST_EXCEEDED'

/** One page; a query that costs more than any query may is asked again with half the elements. It was not run. */
export async function affordablePage(
  first: number,
  ask: (size: number) => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly size: number }> {
  for (let size = first; ; size = Math.floor(size / 2)) {
    try {
      return { answer: await ask(size), size }
    } catch (error) {
      if (size <= 1 || !isTooDear(error)) throw error
    }
  }
}

/** The same for things asked for by id: as many queries as it takes. */
export async function affordableParts(ids: readonly string[], ask: (ids: readonly string[]) => Promise<Answer>): Promise<readonly Answer[]> {
  try {
    return [await ask(ids)]
  } catch (error) {
    if (ids.length <= 1 || !isTooDear(error)) throw error
    const half = Math.ceil(ids.length / 2)
    return [...(await affordableParts(ids.slice(0, half), ask)), ...(await affordableParts(ids.slice(half), ask))]
  }
}

interface Operation {
  readonly document: string
  readonly variables: Variables
  readonly idempotent: boolean
}

/** With the token of the settings, or one bought with client id and secret that is renewed once when it is refused. */
async function signedIn(call: ShopifyCall, operation: Operation): Promise<Answer> {
  const { accessToken, clientId, clientSecret } = call.secrets
  const renewable = clientId !== undefined && clientSecret !== undefined
  const stored = await call.tokens()
  const token = stored['accessToken'] ?? accessToken
  if (token === undefined && !renewable) {
    throw new ChannelError({ kind: 'misconfigured', code: 'no-token', message: 'Enter an access token, or client id and client secret.' })
  }
  if (token === undefined) return post(call, operation, (await call.renew(stored))['accessToken'] ?? '')
  try {
    return await post(call, operation, token)
  } catch (error) {
    if (!renewable || !(error instanceof ChannelError) || error.fault.kind !== 'unauthorized' || error.fault.status !== 401) throw error
    return post(call, operation, (await call.renew(stored))['accessToken'] ?? '')
  }
}

async function post(call: ShopifyCall, operation: Operation, token: string): Promise<Answer> {
  const response = await call.http({
    method: 'POST',
    url: `${siteOf(call.config.url)}/admin/api/${call.config.apiVersion}/graphql.json`,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-shopify-access-token': token },
    body: JSON.stringify({ query: operation.document, variables: operation.variables }),
    idempotent: operation.idempotent,
    timeoutMs: 60_000,
    maxBytes: 50_000_000,
  })
  const doc = parseJson(response.body)
  const { data } = readAnswer(z.object({ data: z.looseObject({}) }), doc, 'answer')
  return { body: response.body, data, cost: costOf(doc) }
}

const grant = z.object({ access_token: z.string().min(1), expires_in: z.number().optional() })

/** Client credentials grant: a token for a day, for apps of the same organisation as the shop. */
export async function refreshToken(call: ShopifyCall): Promise<Tokens> {
  const { clientId, clientSecret } = call.secrets
  if (clientId === undefined || clientSecret === undefined)
    throw new ChannelError({
      kind: 'unauthorized',
      code: 'no-client',
      message: 'The access token was refused. Install the app anew and enter its token.',
    })
  const response = await call.http({
    method: 'POST',
    url: `${siteOf(call.config.url)}/admin/oauth/access_token`,
    body: JSON.stringify({ client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' }),
    idempotent: true,
    accept: [400, 401, 403],
  })
  if (response.status !== 200) {
    const code = /"error"\s*:\s*"(\w{1,60})"/.exec(response.body)?.[1] ?? String(response.status)
    throw new ChannelError({
      kind: 'unauthorized',
      code,
      status: response.status,
      message: 'Shopify did not accept the client id and secret for this shop.',
    })
  }
  const { access_token: accessToken, expires_in: seconds } = readAnswer(grant, parseJson(response.body), 'token answer')
  return {
    values: { accessToken },
    ...(seconds === undefined ? {} : { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() }),
  }
}

const userErrors = z.array(z.object({ code: z.string().nullish(), field: z.array(z.string()).nullish(), message: z.string().default('') }))
export type UserError = z.output<typeof userErrors>[number]
export const readUserErrors = (value: unknown): readonly UserError[] => readAnswer(userErrors, value ?? [], 'error list')

/** The first of `userErrors` as a fault of this item; the text is Shopify's own sentence about a rule, without what could be personal. */
export function refusalOf(error: UserError): Fault {
  const said = error.message
    .replace(/\S+@\S+/g, '…')
    .replace(/\+?\d[\d\s-]{7,}\d/g, '…')
    .slice(0, 200)
  return { kind: 'refused', code: error.code ?? error.field?.join('.') ?? 'user-error', message: `Shopify refused: ${said}` }
}

/**
 * The fault of a write that failed as a whole: an answer that cannot be read, or Shopify's own accident, says nothing about
 * what it did before. Anything but a ChannelError is a mistake of ours and goes on.
 */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof ChannelError)) throw error
  const { fault } = error
  const isUnclear =
    fault.kind === 'unreadable' || (fault.kind === 'transient' && (fault.code === 'INTERNAL_SERVER_ERROR' || fault.code === 'TIMEOUT'))
  return isUnclear ? { ...fault, kind: 'in-doubt' } : fault
}
