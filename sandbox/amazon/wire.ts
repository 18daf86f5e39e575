/** How the interfaces refuse: a status and a list of errors. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly details: string
  constructor(status: number, code: string, message: string, details = '') {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }
}

export const invalid = (message: string): Refusal => new Refusal(400, 'InvalidInput', message)

export const answer = (status: number, doc: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  status === 204
    ? new Response(null, { status, headers })
    : new Response(JSON.stringify(doc), { status, headers: { 'content-type': 'application/json', ...headers } })

export const refusal = ({ status, code, message, details }: Refusal, headers: Readonly<Record<string, string>> = {}): Response =>
  answer(status, { errors: [{ code, message, details }] }, headers)

export const tooMany = (): Refusal => new Refusal(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.')
export const ended = (): Refusal =>
  new Refusal(403, 'Unauthorized', 'Access to requested resource is denied.', 'The access token you provided is revoked, malformed or invalid.')
