import type { ActivityLog } from './failure.ts'

export interface Watch {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

interface Pace {
  readonly everyMs: number
  /** After faults the pause doubles, up to this; never shorter than `everyMs`. */
  readonly longestMs: number
}

const FAULTS_TO_SAY = 3

/** Looks for ever, with a pause after each look. What fails goes on; it is said once when it failed three times in a row. */
export function lookAgain(
  look: () => Promise<void>,
  { everyMs, longestMs }: Pace,
  says: { readonly log: Pick<ActivityLog, 'warn'>; readonly failing: string },
): Watch {
  let stopped = false
  let wakeUp: (() => void) | undefined
  const run = async (): Promise<void> => {
    let faults = 0
    while (!stopped) {
      try {
        await look()
        faults = 0
      } catch (error) {
        faults += 1
        if (faults === FAULTS_TO_SAY) says.log.warn(`${says.failing} failed; it goes on.`, { error: error instanceof Error ? error.name : 'unknown' })
      }
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(everyMs * 2 ** faults, longestMs))
        wakeUp = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      wakeUp?.()
      await running
    },
  }
}
