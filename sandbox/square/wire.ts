/** How Square answers: JSON, money in whole minor units, times in UTC, errors as a list under an HTTP status of their own. */

export class SquareError extends Error {
  readonly status: number
  readonly category: string
  readonly code: string
  readonly field: string | undefined
  constructor(status: number, code: string, detail: string, given: { readonly category?: string; readonly field?: string } = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.category =
      given.category ?? (status >= 500 ? 'API_ERROR' : status === 401 || status === 403 ? 'AUTHENTICATION_ERROR' : 'INVALID_REQUEST_ERROR')
    this.field = given.field
  }
}

export const json = (doc: unknown, status = 200): Response =>
  new Response(JSON.stringify(doc), { status, headers: { 'content-type': 'application/json;charset=utf-8' } })

export const refusal = ({ status, category, code, message, field }: SquareError): Response =>
  json({ errors: [{ category, code, detail: message, ...(field === undefined ? {} : { field }) }] }, status)

export const iso = (ms: number): string => new Date(ms).toISOString()

/** Undefined for anything but RFC 3339. */
export function fromIso(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}
