import { CancelledFailure } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { ChannelError, DomainError, type Fault } from '../core/fault.ts'
import { sqlState } from '../store/db.ts'

export interface ActivityLog {
  info(message: string, fields: Readonly<Record<string, unknown>>): void
  warn(message: string, fields: Readonly<Record<string, unknown>>): void
  error(message: string, fields: Readonly<Record<string, unknown>>): void
}

/** How a fault reads in Temporal. Message and type carry no personal data, no secret and no URL query by the rules of ChannelError. */
export function failureOfFault(fault: Fault): ApplicationFailure {
  const base = { type: `channel-${fault.kind}`, message: fault.message.slice(0, 300) }
  switch (fault.kind) {
    case 'transient':
      return ApplicationFailure.create({ ...base, nonRetryable: false })
    case 'throttled':
      return ApplicationFailure.create({
        ...base,
        nonRetryable: false,
        ...(fault.retryAfterMs !== undefined && { nextRetryDelay: `${Math.min(fault.retryAfterMs, LONGEST_WAIT_MS)}ms` }),
      })
    case 'unauthorized':
    case 'misconfigured':
    case 'refused':
    case 'missing':
    case 'in-doubt':
    case 'unreadable':
      return ApplicationFailure.create({ ...base, nonRetryable: true })
  }
}

/** A channel may ask for a longer pause than this; the next attempt then learns it again. */
const LONGEST_WAIT_MS = 15 * 60_000

/**
 * Any error as Temporal may keep it. Errors of the database and of the runtime quote data in their messages, so only
 * their kind goes on; where it happened is in the log of this process.
 */
export function safeFailure(error: unknown): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error
  if (error instanceof ChannelError) return failureOfFault(error.fault)
  if (error instanceof DomainError) return ApplicationFailure.create({ type: error.code, message: error.code, nonRetryable: true })
  const state = sqlState(error)
  if (state !== undefined)
    return ApplicationFailure.create({ type: `database-${state}`, message: `The database answered ${state}.`, nonRetryable: false })
  return ApplicationFailure.create({
    type: error instanceof Error ? error.name : 'unknown',
    message: 'Unexpected error; see the worker log.',
    nonRetryable: false,
  })
}

/** Wraps an activity so that nothing but a safe failure leaves it; what it was is logged once, here. */
export function guarded<A extends readonly unknown[], R>(
  log: ActivityLog,
  name: string,
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await work(...args)
    } catch (error) {
      const failure = safeFailure(error)
      const unexpected = failure instanceof ApplicationFailure && failure.message.startsWith('Unexpected')
      const fields = { activity: name, subject: args[0], type: failure instanceof ApplicationFailure ? failure.type : failure.name }
      if (unexpected) log.error('An activity failed unexpectedly.', { ...fields, frames: framesOf(error) })
      else if (!(failure instanceof CancelledFailure)) log.warn('An activity failed.', fields)
      throw failure
    }
  }
}

/** Where it happened, without the message: those of the runtime quote the data they choked on. */
export const framesOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 8)
        .map((line) => line.trim())
    : []
