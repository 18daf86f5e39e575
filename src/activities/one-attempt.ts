import type { AnyConnector, Call, Outcome } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'
import { outcomesOfFault } from '../deliver/read-outcome.ts'
import type { Landing } from '../store/deliver/escrow.ts'

/** A write that was claimed is over after this, well before its lease ends: sent, or certainly not sent. */
export const CALL_LIMIT_MS = 240_000
/** Channels that declare no stock timing: a write that got no answer in this time will not land any more. */
const DEFAULT_FENCE_SECONDS = 120

/** How far clocks are apart and how long a sent write may still land, by the channel's own word. */
export function landingOf({ manifest }: AnyConnector): Landing {
  const { skewSeconds, tMaxSeconds } = manifest.capabilities.pushInventory ?? { skewSeconds: 0, tMaxSeconds: DEFAULT_FENCE_SECONDS }
  return { skewSeconds, tMaxSeconds, compares: manifest.capabilities.pushInventory?.write === 'cas' }
}

/** The same signal, ended at the latest when a claimed write has to be over. */
export const limited = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)])

/** Faults that will meet the next write as well. */
export const isBlocking = (fault: Fault): boolean =>
  fault.kind === 'transient' || fault.kind === 'throttled' || fault.kind === 'unauthorized' || fault.kind === 'misconfigured'

/** One attempt, never repeated here. An error that is not the channel's leaves every write in doubt and surfaces after it was recorded. */
export async function attempt(
  send: (call: Call<unknown, unknown>) => Promise<readonly Outcome[]>,
  call: Call<unknown, unknown>,
  keys: readonly string[],
): Promise<{ readonly outcomes: readonly Outcome[]; readonly fault?: Fault; readonly crash?: unknown }> {
  try {
    return { outcomes: await send(call) }
  } catch (error) {
    if (error instanceof ChannelError) return { outcomes: outcomesOfFault(keys, error.fault), fault: error.fault }
    return { outcomes: [], crash: error }
  }
}
