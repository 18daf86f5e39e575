/** Writes batches one after the other while the next is read and prepared; taking a further one waits for the one before. */
export class BatchWriter<Batch> {
  readonly #write: (batch: Batch) => Promise<void>
  #writing: { readonly batch?: Batch; readonly done: Promise<void> } = { done: Promise.resolve() }

  constructor(write: (batch: Batch) => Promise<void>) {
    this.#write = write
  }

  /** What was taken last; it may be written already. */
  get latest(): Batch | undefined {
    return this.#writing.batch
  }

  /** @throws what the batch before failed with; nothing after a failed batch is written. */
  async next(batch: Batch): Promise<void> {
    await this.#writing.done
    const done = this.#write(batch)
    done.catch(() => undefined) // surfaces with the next batch or at the end
    this.#writing = { batch, done }
  }

  /** Everything taken is written. */
  async done(): Promise<void> {
    await this.#writing.done
  }

  /** Nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.#writing.done.catch(() => undefined)
  }
}
