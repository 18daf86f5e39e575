import type { Page } from '../core/connector.ts'

/**
 * Asks for the next page as soon as one is handed out, as long as there is time to take it: where a channel allows a page in three minutes,
 * one that is read and dropped costs three minutes. Remembers when each read began.
 */
export class Prefetched {
  readonly #source: AsyncIterator<Page>
  readonly #now: () => Date
  readonly #deadline: number
  #next: { readonly result: Promise<IteratorResult<Page>>; readonly readStartedAt: string } | undefined

  /** @param deadline milliseconds since 1970 after which no page is asked for ahead */
  constructor(source: AsyncIterator<Page>, now: () => Date, deadline: number) {
    this.#source = source
    this.#now = now
    this.#deadline = deadline
  }

  /** The next page is on its way. */
  get isAhead(): boolean {
    return this.#next !== undefined
  }

  async next(): Promise<{ readonly page: Page | undefined; readonly readStartedAt: string }> {
    const { result, readStartedAt } = this.#next ?? this.#ask()
    this.#next = undefined
    const { done, value } = await result
    if (done) return { page: undefined, readStartedAt }
    if (value.cursor !== null && this.#now().getTime() < this.#deadline) this.#next = this.#ask()
    return { page: value, readStartedAt }
  }

  async close(): Promise<void> {
    await this.#next?.result.catch(() => undefined)
    await this.#source.return?.()
  }

  #ask(): { readonly result: Promise<IteratorResult<Page>>; readonly readStartedAt: string } {
    const asked = { readStartedAt: this.#now().toISOString(), result: this.#source.next() }
    asked.result.catch(() => undefined) // a fault surfaces when the page is taken
    return asked
  }
}
