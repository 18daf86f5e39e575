import type { Rig } from './rig.ts'

/** What an experiment found. `pass` also needs the faults to have fired and progress between them. */
export interface Result {
  /** Faults that really happened, not those that were planned. */
  readonly faults: number
  /** Orders, deliveries or feed rows the ledger of the channel knows and the hub does not, or has wrong. */
  readonly lost: number
  /** Canonical rows, packages or effects that exist more than once. */
  readonly doubled: number
  /** From the end of the last fault until everything agreed again; absent where nothing had to recover. */
  readonly recoverySeconds?: number
  readonly pass: boolean
  /** Figures and reasons, one short sentence each. */
  readonly notes: readonly string[]
  /** Why the machine cannot run it; then nothing else counts. */
  readonly skipped?: string
}

export interface Experiment {
  readonly id: string
  readonly title: string
  /** What it takes on two cores, about. */
  readonly minutes: number
  run(rig: Rig): Promise<Result>
}

/** An experiment that proved nothing: the fault did not fire, or nothing moved between two of them. */
export class Vacuous extends Error {
  override readonly name = 'Vacuous'
}
