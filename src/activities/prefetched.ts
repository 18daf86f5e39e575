import type { Page } from '../core/connector.ts'

/** Asks for the next page as soon as one is handed out, and remembers when each read began. */
export class Prefetched {
  readonly #source: AsyncIterator<Page>
  readonly #now: () => Date
  #next: { readonly result: Promise<IteratorResult<Page>>; readonly readStartedAt: string } | undefined

  constructor(source: AsyncIterator<Page>, now: () => Date) {
    this.#source = source
    this.#now = now
  }

  async next(): Promise<{ readonly page: Page | undefined; readonly readStartedAt: string }> {
    const { result, readStartedAt } = this.#next ?? this.#ask()
    this.#next = undefined
    const { done, value } = await result
    if (done) return { page: undefined, readStartedAt }
    if (value.cursor !== null) this.#next = this.#ask()
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
