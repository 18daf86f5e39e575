import type { z } from 'zod'
import type { AppDeps } from './deps.ts'
import type { Principal } from './principal.ts'
import { type InputError, badInput, notFound } from './problem.ts'
import type { Scope } from './scopes.ts'

export type Method = 'get' | 'post' | 'patch' | 'delete'

/** What a handler is given: everything checked, nothing raw. */
export interface Ask<P, Q, B> {
  readonly deps: AppDeps
  readonly who: Principal
  readonly params: P
  readonly query: Q
  readonly body: B
  /** The JSON body exactly as it came; "" where the handler reads the body itself. */
  readonly bodyText: () => string
  readonly request: Request
  readonly clientIp: string
  readonly traceId: string
  /** Facts for the audit entry of this request: ids and choices, never personal data or secrets. */
  readonly note: (details: Readonly<Record<string, unknown>>, subject?: string) => void
}

/** A JSON answer with its own status or headers; handlers may also return a plain value or a Response. */
export class Reply {
  readonly value: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(value: unknown, more: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}) {
    this.value = value
    this.status = more.status ?? 200
    this.headers = more.headers ?? {}
  }
}

interface Description {
  readonly method: Method
  /** OpenAPI form: `/v1/orders/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly scope: Scope | 'signed-in' | 'public'
  /** Name of the audit entry; every route that changes something has one or says why not. */
  readonly audit?: string
  /** Success status, default 200. */
  readonly status?: 200 | 201 | 202 | 204
  /** What the answer looks like. */
  readonly answer: z.ZodType
  /** The handler reads the request body itself (files). */
  readonly raw?: { readonly contentType: string; readonly schema: Readonly<Record<string, unknown>> }
  /** The answer carries a secret: never kept for idempotent repeats. */
  readonly secretAnswer?: boolean
  /** Answers for the caller's places alone; without it stock is for those who see every place. */
  readonly byPlace?: boolean
  /** Media type of an answer that is not JSON. */
  readonly produces?: string
}

export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends Description {
  readonly params: P
  readonly query: Q
  readonly body: B
  handle(ask: Ask<z.output<P>, z.output<Q>, z.output<B>>): Promise<unknown>
}

export type RawAsk = Omit<Ask<unknown, unknown, unknown>, 'params' | 'query' | 'body'> & {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
}

/** A route with its own types forgotten. */
export interface Route extends Description {
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  run(ask: RawAsk): Promise<unknown>
}

/** Declares one route: who may call it, what it takes, what it answers. Unknown parameters and fields are refused. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(spec: RouteSpec<P, Q, B>): Route {
  return {
    ...spec,
    async run(raw) {
      const params = spec.params.safeParse(raw.params)
      if (!params.success) throw notFound('resource')
      const query = spec.query.safeParse(onlyOnce(raw.query))
      if (!query.success) throw badInput(inputErrors(query.error, (path) => `?${path.join('.')}`))
      const body = spec.body.safeParse(spec.raw === undefined ? (raw.body === undefined ? {} : raw.body) : {})
      if (!body.success) throw badInput(inputErrors(body.error, (path) => `/${path.map(String).join('/')}`))
      return spec.handle({ ...raw, params: params.data, query: query.data, body: body.data })
    },
  }
}

/** Query parameters as a record; one given twice is refused rather than half ignored. */
function onlyOnce(query: URLSearchParams): Record<string, string> {
  const names = [...query.keys()]
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw badInput([{ pointer: `?${repeated}`, code: 'repeated', message: 'Given more than once.' }])
  return Object.fromEntries(query)
}

function inputErrors(error: z.ZodError, pointer: (path: readonly PropertyKey[]) => string): InputError[] {
  return error.issues.slice(0, 20).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, 20)
        .map((key) => ({ pointer: pointer([...issue.path, key.slice(0, 60)]), code: 'unknown-field', message: 'Not known here.' }))
    }
    return [{ pointer: pointer(issue.path), code: issue.code.replaceAll('_', '-'), message: `${issue.message}.` }]
  })
}
