export interface Stages<Batch, Prepared> {
  /** Told what is still being written, undefined when nothing is. */
  readonly prepare: (batch: Batch, writing: Prepared | undefined) => Promise<Prepared>
  readonly write: (prepared: Prepared) => Promise<void>
}

/**
 * Takes batches through two stages in their order: while one is written by the database, the next is prepared here.
 * Taking a third waits, so that memory holds no more than that.
 */
export class BatchWriter<Batch, Prepared> {
  readonly #stages: Stages<Batch, Prepared>
  /** Settles when the batch taken last is prepared and its writing has begun. */
  #handedOver: Promise<void> = Promise.resolve()
  #writing: { readonly prepared?: Prepared; readonly done: Promise<void> } = { done: Promise.resolve() }

  constructor(stages: Stages<Batch, Prepared>) {
    this.#stages = stages
  }

  /** @throws what a batch before this one failed with; nothing after a failed batch is written. */
  async next(batch: Batch): Promise<void> {
    await this.#handedOver
    this.#handedOver = this.#handOver(batch)
    this.#handedOver.catch(() => undefined) // surfaces with the next batch or at the end
  }

  /** Everything taken is written. */
  async done(): Promise<void> {
    await this.#handedOver
    await this.#writing.done
  }

  /** Nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.done().catch(() => undefined)
    await this.#writing.done.catch(() => undefined)
  }

  async #handOver(batch: Batch): Promise<void> {
    const prepared = await this.#stages.prepare(batch, this.#writing.prepared)
    await this.#writing.done
    const done = this.#stages.write(prepared)
    done.catch(() => undefined) // surfaces like a failure to prepare
    this.#writing = { prepared, done }
  }
}
