/** Why a channel call failed, named by what has to happen next. */
export type FaultKind =
  | 'transient' // try again later
  | 'throttled' // try again after retryAfterMs
  | 'unauthorized' // renew the token once, then ask a person
  | 'misconfigured' // stop this connection, ask ops
  | 'refused' // this item only; the rest go on
  | 'missing' // the channel does not know it
  | 'in-doubt' // a write was sent and no answer came: read back, never blindly repeat
  | 'unreadable' // the channel said something we cannot read; ours to fix

/** One fault. `code` is the vendor's own error code, kept verbatim. */
export interface Fault {
  readonly kind: FaultKind
  readonly message: string
  readonly code?: string
  readonly retryAfterMs?: number
  readonly status?: number
}

/** The only error a connector throws. Its message never carries secrets, URLs with queries or bodies. */
export class ChannelError extends Error {
  readonly fault: Fault
  constructor(fault: Fault, options?: ErrorOptions) {
    super(fault.message, options)
    this.name = 'ChannelError'
    this.fault = fault
  }
}

/** A rule of our own was broken; `code` is stable, lower-kebab and listed in docs/errors.md. */
export class DomainError extends Error {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DomainError'
    this.code = code
    this.details = details
  }
}

/** A raw document could not become canonical; it is held with this reason, the rest go on. */
export class MappingError extends Error {
  readonly code: string
  /** JSON pointer of the offending value inside the raw document, where known. */
  readonly pointer: string | undefined
  /** For a word that is not known: those that are, in the same place. */
  readonly known: readonly string[]
  constructor(code: string, message: string, pointer?: string, options?: ErrorOptions & { readonly known?: readonly string[] }) {
    super(message, options)
    this.name = 'MappingError'
    this.code = code
    this.pointer = pointer
    this.known = options?.known ?? []
  }
}
