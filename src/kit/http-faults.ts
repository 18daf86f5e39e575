import type { Fault } from '../core/fault.ts'

/** The longest a channel's own Retry-After is believed. */
const MAX_RETRY_AFTER_MS = 15 * 60_000
/** When a channel says "too many" but not for how long. */
const DEFAULT_RETRY_AFTER_MS = 10_000

/** Node error codes of calls that never reached the channel: nothing was sent, so nothing can have happened there. */
const NOT_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

/** Nothing of this call left the machine. */
export const neverSent = ({ code }: Fault): boolean => NOT_SENT.has(code ?? '')

/** Wait time of a Retry-After header (seconds or HTTP date, RFC 9110 §10.2.3), capped; undefined when absent or nonsense. */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /[a-z]/i.test(text) ? Date.parse(text) - now.getTime() : Number.NaN
  if (Number.isNaN(ms)) return undefined
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

/** Reads an HTTP status where the connector has nothing better to say. Undefined for success. */
export function faultOfStatus(status: number, retryAfter: number | undefined, where: string): Fault | undefined {
  if (status >= 200 && status < 300) return undefined
  const said = `${where} answered ${status}`
  if (status === 429) return { kind: 'throttled', status, retryAfterMs: retryAfter ?? DEFAULT_RETRY_AFTER_MS, message: `${said}: too many calls.` }
  if (status === 503 && retryAfter !== undefined)
    return { kind: 'throttled', status, retryAfterMs: retryAfter, message: `${said}: not available now.` }
  if (status === 401 || status === 403) return { kind: 'unauthorized', status, message: `${said}: the credentials were not accepted.` }
  if (status === 404 || status === 410) return { kind: 'missing', status, message: `${said}: there is nothing at this address.` }
  if (status === 408 || status === 425) return { kind: 'transient', status, message: `${said}.` }
  if (status >= 300 && status < 400) {
    return { kind: 'misconfigured', status, message: `${said}: it redirects elsewhere. Enter the final address in the settings.` }
  }
  if (status >= 400 && status < 500) return { kind: 'refused', status, message: `${said}: the request was refused.` }
  return { kind: 'transient', status, message: `${said}.` }
}

/**
 * What a failed write means: an answer that came from behind a gateway, or that cannot be read, says nothing about whether
 * the write was applied. 503 is the one server error that means "not even begun".
 */
export function faultOfWrite(fault: Fault): Fault {
  const unknown =
    (fault.kind === 'transient' && fault.status !== undefined && fault.status >= 500 && fault.status !== 503) || fault.kind === 'unreadable'
  return unknown ? { ...fault, kind: 'in-doubt' } : fault
}

/** A call that got no answer at all. `code` is Node's or axios' error code. */
export function faultOfSilence(input: {
  readonly code: string
  readonly message: string
  readonly idempotent: boolean
  readonly where: string
  readonly deadline: boolean
  readonly stopped: boolean
}): Fault {
  const { code, where } = input
  if (input.message.includes('is not allowed. Because')) {
    return {
      kind: 'misconfigured',
      code: 'private-address',
      message: `${where} was not called: its address is private. Allow it in the settings if that is meant.`,
    }
  }
  if (NOT_SENT.has(code)) return { kind: 'transient', code, message: `${where} could not be reached (${code}).` }
  if (
    code.startsWith('ERR_TLS') ||
    code.startsWith('CERT_') ||
    code.includes('SELF_SIGNED') ||
    code.startsWith('UNABLE_TO_') ||
    code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
  ) {
    return { kind: 'misconfigured', code, message: `${where}: the certificate is not valid (${code}).` }
  }
  const kind = input.idempotent ? 'transient' : 'in-doubt'
  if (input.stopped) return { kind, code: 'stopped', message: `${where} was given up because the work was stopped.` }
  if (input.deadline) return { kind, code: 'timeout', message: `${where} did not answer in time.` }
  if (/maxContentLength|maxBodyLength/.test(input.message)) {
    return { kind: input.idempotent ? 'unreadable' : 'in-doubt', code: 'too-large', message: `${where} answered with more bytes than allowed.` }
  }
  if (/aborted|unexpected end of file|Z_BUF_ERROR|incorrect (?:header|data)/i.test(`${input.message} ${code}`)) {
    return { kind, code: 'cut-off', message: `${where}: the answer broke off.` }
  }
  return { kind, code, message: `${where}: the connection broke (${code}).` }
}
