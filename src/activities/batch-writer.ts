import type { Turn } from '../store/apply/turn.ts'

interface Taken<Batch> {
  readonly batch: Batch
  readonly done: Promise<void>
}

/**
 * Writes batches in their order, two at a time: one is staged in its session while the one before it is written. Taking a
 * further one waits until the one before last is committed.
 */
export class BatchWriter<Batch> {
  readonly #write: (batch: Batch, turn: Turn) => Promise<void>
  #before: Taken<Batch> | undefined
  #last: Taken<Batch> | undefined

  constructor(write: (batch: Batch, turn: Turn) => Promise<void>) {
    this.#write = write
  }

  /** What was taken and may not be written yet, the latest first. */
  get unsettled(): readonly Batch[] {
    return [this.#last, this.#before].flatMap((taken) => (taken ? [taken.batch] : []))
  }

  /** @throws what a batch before failed with; nothing after a failed batch is written. */
  async next(batch: Batch): Promise<void> {
    await this.#before?.done
    const before = this.#last
    this.#before = before
    const done = this.#write(batch, { before: before?.done ?? Promise.resolve() })
    const taken = { batch, done }
    this.#last = taken
    done.then(
      () => this.#forget(taken),
      () => undefined, // said by the next one and at the end
    )
  }

  /** What is written needs no room any more; what failed is kept, so that nothing comes after it. */
  #forget(taken: Taken<Batch>): void {
    if (this.#before === taken) this.#before = undefined
    if (this.#last === taken) this.#last = undefined
  }

  /** Everything taken is written. */
  async done(): Promise<void> {
    await this.#last?.done
  }

  /** Nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#before?.done, this.#last?.done])
  }
}
