import pino from 'pino'

/** Field names whose values never reach a log line, whatever logs them. */
const REDACTED = [
  'password',
  'secret',
  'secrets',
  'token',
  'tokens',
  'authorization',
  'cookie',
  'phone',
  'email',
  'name',
  'address',
  'recipient',
  'body',
  'payload',
].flatMap((field) => [field, `*.${field}`, `*.*.${field}`])

export type Log = pino.Logger

/** JSON lines on stderr: a past-tense sentence as `msg`, facts as fields, no personal data. */
export const createLog = (level: string): Log =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: REDACTED, censor: '[redacted]' } },
    pino.destination({ dest: 2, sync: false }),
  )
