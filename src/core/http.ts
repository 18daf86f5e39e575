export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Media type the answer must have; anything else is `unreadable`. Default json. */
  readonly expect?: 'json' | 'xml' | 'any'
  /** Safe to repeat. Default: true for GET. A non-idempotent call gets exactly one attempt and ends in-doubt when no answer came. */
  readonly idempotent?: boolean
  readonly timeoutMs?: number // total deadline, default 30 s
  readonly maxBytes?: number // default 20 MB
  /** Which declared limit this call counts against (default the first), and its cost. */
  readonly limit?: string
  readonly cost?: number
  /** Statuses to hand back instead of throwing (e.g. 404 when absence is an answer). */
  readonly accept?: readonly number[]
  /** Builds the final url, headers and, where they are signed inside it, body right before each attempt (signatures with nonce and timestamp). */
  readonly sign?: (request: { readonly method: string; readonly url: string; readonly body: string }) => {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
}
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
/** Paces, times out, caps, retries sub-second faults of idempotent calls, redacts; throws ChannelError only. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>
