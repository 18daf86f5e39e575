import type { Outcome } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'
import { neverSent } from './http-faults.ts'

/** The fault of a failed call; anything but a ChannelError is a mistake of ours and goes on. */
export function faultOf(error: unknown): Fault {
  if (error instanceof ChannelError) return error.fault
  throw error
}

/** The channel, or we ourselves, will not do this one. `code` is the vendor's or a stable one of ours. */
export const refused = (key: string, code: string, message: string): Outcome => ({
  key,
  status: 'refused',
  fault: { kind: 'refused', code, message },
})

/** What became of a write that threw: unknown when its answer was lost, refused when the channel said no. Everything else goes on being thrown. */
export function outcomeOfError(key: string, error: unknown): Outcome {
  const fault = faultOf(error)
  if (fault.kind === 'in-doubt') return { key, status: 'unknown', fault }
  if (fault.kind === 'refused' || fault.kind === 'missing') return { key, status: 'refused', fault }
  throw error
}

/** The channel named what broke: that may have been behind its door. */
const isNamed = (code: string): boolean => code !== ''

/**
 * Turns the fault of a write into doubt where the channel may have carried it out all the same: an answer nobody can read, or an
 * accident behind its door. What never left this machine is no doubt, whatever `isAccident` makes of its code.
 */
export function doubted(error: unknown, isAccident: (code: string) => boolean = isNamed): unknown {
  if (!(error instanceof ChannelError)) return error
  const { fault } = error
  const isUnclear = fault.kind === 'unreadable' || (fault.kind === 'transient' && !neverSent(fault) && isAccident(fault.code ?? ''))
  return isUnclear ? new ChannelError({ ...fault, kind: 'in-doubt' }, { cause: error }) : error
}

export const unreadable = (message: string): ChannelError => new ChannelError({ kind: 'unreadable', code: 'unexpected-answer', message })

/** Undefined instead of the fault where the channel does not know what was asked for. */
export async function absentAs<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (faultOf(error).kind === 'missing') return undefined
    throw error
  }
}

/** `one` for every item, `atOnce` at a time, answers in the order of the items; what turns out not to be there is left out. */
export async function inGroups<T, R>(items: readonly T[], atOnce: number, one: (item: T) => Promise<R | undefined>): Promise<readonly R[]> {
  const found: R[] = []
  for (let at = 0; at < items.length; at += atOnce) {
    for (const each of await Promise.all(items.slice(at, at + atOnce).map(one))) if (each !== undefined) found.push(each)
  }
  return found
}
