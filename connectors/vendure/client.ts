import { z } from 'zod'
import type { Call, Tokens } from '../../src/core/connector.ts'
import { ChannelError, type Fault, type FaultKind } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { parsedOrNothing } from '../../src/kit/read.ts'
import { LOGIN } from './documents.ts'
import type { Config, Secrets } from './manifest.ts'

export type VendureCall = Call<Config, Secrets>

/** One GraphQL answer: the text as received (raw documents are slices of it) and its `data`. */
export interface Answer {
  readonly body: string
  readonly data: unknown
}

/** A read. Safe to repeat. */
export const query = (call: VendureCall, document: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> =>
  signedIn(call, { document, variables, idempotent: true })

/** A write. Exactly one attempt; throws `in-doubt` when no answer came. */
export const mutate = (call: VendureCall, document: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> =>
  signedIn(call, { document, variables, idempotent: false })

interface Operation {
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly idempotent: boolean
}

/** Runs with the current session and, when Vendure has forgotten it, once more with a new one. A refused call was not executed. */
async function signedIn(call: VendureCall, operation: Operation): Promise<Answer> {
  const stored = await call.tokens()
  const isSignedIn = stored['bearer'] !== undefined || stored['cookie'] !== undefined
  const tokens = isSignedIn ? stored : await call.renew(stored)
  try {
    return await post(call, operation, tokens)
  } catch (error) {
    if (!isSignedIn || !(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
    return post(call, operation, await call.renew(tokens))
  }
}

async function post(call: VendureCall, operation: Operation, tokens: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await call.http({
    method: 'POST',
    url: endpointOf(call.config),
    headers: { 'content-type': 'application/json', ...sessionHeaders(tokens), ...channelHeader(call.config) },
    body: JSON.stringify({ query: operation.document, variables: operation.variables }),
    idempotent: operation.idempotent,
  })
  return { body: response.body, data: read(z.object({ data: z.unknown() }), parseJson(response.body), 'answer').data }
}

/** The Admin API's address: as given where it names an API, else `admin-api` below the shop's address (Vendure's usual place). */
export function endpointOf(config: Config): string {
  const url = config.url.replace(/\/+$/, '')
  return /\/[^/]*(?:api|graphql)[^/]*$/i.test(new URL(url).pathname) ? url : `${url}/admin-api`
}

const channelHeader = (config: Config): Readonly<Record<string, string>> =>
  config.channelToken === undefined ? {} : { 'vendure-token': config.channelToken }

function sessionHeaders(tokens: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (tokens['bearer'] !== undefined) return { authorization: `Bearer ${tokens['bearer']}` }
  return tokens['cookie'] === undefined ? {} : { cookie: tokens['cookie'] }
}

const loginAnswer = z.object({ data: z.object({ login: z.object({ __typename: z.string(), errorCode: z.string().optional() }) }) })

/**
 * Signs in. A shop hands the session out in a header (`tokenMethod: 'bearer'`) or, as configured out of the box, as a cookie;
 * both are understood.
 */
export async function refreshToken(call: VendureCall): Promise<Tokens> {
  const { username, password } = call.secrets
  const response = await call.http({
    method: 'POST',
    url: endpointOf(call.config),
    headers: { 'content-type': 'application/json', ...channelHeader(call.config) },
    body: JSON.stringify({ query: LOGIN, variables: { username, password } }),
    idempotent: true,
  })
  const { login } = read(loginAnswer, parseJson(response.body), 'sign-in').data
  if (login.__typename !== 'CurrentUser') {
    throw new ChannelError({
      kind: 'unauthorized',
      code: login.errorCode ?? login.__typename,
      message: "Vendure did not accept the administrator's name and password.",
    })
  }
  const bearer = response.headers['vendure-auth-token']
  if (bearer !== undefined && bearer !== '') return { values: { bearer } }
  const cookie = sessionCookie(response.headers['set-cookie'] ?? '')
  if (cookie !== '') return { values: { cookie } }
  throw new ChannelError({
    kind: 'misconfigured',
    code: 'no-session',
    message: 'Vendure accepted the sign-in but handed out neither a token nor a cookie.',
  })
}

/** `name=value` pairs of the session cookies; attributes (path, expires with its comma) fall away. */
const sessionCookie = (header: string): string => [...header.matchAll(/(?:^|, )(session(?:\.sig)?=[^;,]*)/g)].map((match) => match[1]).join('; ')

const graphqlErrors = z.object({
  errors: z.array(z.object({ message: z.string().default(''), extensions: z.object({ code: z.string().optional() }).optional() })).min(1),
})

/** What Vendure's error codes (core `common/error/errors`, Apollo's own) ask for next. */
const KIND_OF_CODE: Readonly<Record<string, FaultKind>> = {
  FORBIDDEN: 'unauthorized',
  UNAUTHORIZED: 'unauthorized',
  CHANNEL_NOT_FOUND: 'misconfigured',
  ENTITY_NOT_FOUND: 'missing',
  USER_INPUT_ERROR: 'refused',
  ILLEGAL_OPERATION: 'refused',
  BAD_USER_INPUT: 'refused',
  TOO_MANY_REQUESTS: 'throttled',
  GRAPHQL_VALIDATION_FAILED: 'unreadable',
  GRAPHQL_PARSE_FAILED: 'unreadable',
}

/** Vendure answers errors with HTTP 200 (validation: 400) and a code in the body. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  if (!/"errors"\s*:\s*\[/.test(body)) return undefined
  const parsed = graphqlErrors.safeParse(parsedOrNothing(body))
  const first = parsed.data?.errors[0]
  if (!first) return undefined
  const code = first.extensions?.code ?? 'INTERNAL_SERVER_ERROR'
  const kind = KIND_OF_CODE[code] ?? 'transient'
  return {
    kind,
    code,
    status,
    ...(kind === 'throttled' ? { retryAfterMs: 10_000 } : {}),
    message: `Vendure answered ${code}${EXPLAINED[code] ?? ''}${fieldOf(first.message)}.`,
  }
}

/** A validation message quotes the query, never data; of others nothing is repeated. */
const fieldOf = (message: string): string => {
  const field = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message)
  return field ? ` (${field[2]}.${field[1]})` : ''
}

const EXPLAINED: Readonly<Record<string, string>> = {
  FORBIDDEN: ": not signed in, or the administrator's role lacks a permission",
  CHANNEL_NOT_FOUND: ': there is no channel with this token',
  GRAPHQL_VALIDATION_FAILED: ': this version of Vendure does not know a field that is asked for',
}

/** Parses one part of an answer; a mismatch names the paths, never the values. */
export function read<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const paths = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))].slice(0, 5).join(', ')
  throw new ChannelError({ kind: 'unreadable', code: 'unexpected-answer', message: `Vendure's ${what} has an unexpected form at: ${paths}.` })
}
