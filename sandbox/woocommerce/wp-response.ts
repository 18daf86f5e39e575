import { phpJson } from './php-json.ts'

/** The error a WordPress REST route answers with. */
export interface WpError {
  readonly code: string
  readonly message: string
  readonly status: number
  readonly data?: Readonly<Record<string, unknown>>
}

export function wpError(code: string, message: string, status: number, data?: Readonly<Record<string, unknown>>): WpError {
  return data ? { code, message, status, data } : { code, message, status }
}

export function errorBody({ code, message, status, data }: WpError): unknown {
  return { code, message, data: { status, ...data } }
}

export function wpJson(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(phpJson(body), {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
      'access-control-expose-headers': 'X-WP-Total, X-WP-TotalPages, Link',
      ...headers,
    },
  })
}

export function wpFail(error: WpError): Response {
  return wpJson(errorBody(error), error.status)
}

export const noRoute: WpError = wpError('rest_no_route', 'No route was found matching the URL and request method.', 404)

/** What parameter validation answers: one sentence per parameter. */
export function invalidParam(params: Readonly<Record<string, string>>): WpError {
  const names = Object.keys(params).join(', ')
  const details = Object.fromEntries(Object.entries(params).map(([name, message]) => [name, { code: 'rest_out_of_bounds', message, data: null }]))
  return wpError('rest_invalid_param', `Invalid parameter(s): ${names}`, 400, { params, details })
}
