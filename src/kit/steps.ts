import type { CheckStep, Label } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'

export interface Steps {
  readonly done: readonly CheckStep[]
  /** Runs one step; its text becomes the detail, its fault the reason why not. Answers whether it went well. */
  step(label: Label, run: () => Promise<string | undefined>): Promise<boolean>
}

/** The steps of a connection test. */
export function createSteps(): Steps {
  const done: CheckStep[] = []
  return {
    done,
    async step(label, run) {
      try {
        const detail = await run()
        done.push({ step: label, ok: true, ...(detail === undefined ? {} : { detail }) })
        return true
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error
        done.push({ step: label, ok: false, detail: error.message })
        return false
      }
    },
  }
}
