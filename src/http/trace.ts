import { randomBytes } from 'node:crypto'

export const newTraceId = (): string => randomBytes(16).toString('hex')

/** The W3C trace id a caller sent (`traceparent`), else a new one. It is in every answer, problem and log line of the request. */
export const traceIdOf = (request: Request): string =>
  /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(request.headers.get('traceparent') ?? '')?.[1] ?? newTraceId()
