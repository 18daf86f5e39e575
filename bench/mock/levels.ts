/** What the stock of one shop was told: the newest level of each SKU, when it came, and how often. */
export class Levels {
  readonly #told = new Map<string, { readonly available: number; readonly at: number; readonly times: number }>()
  calls = 0
  lastAt = 0

  /** Levels of one call that was answered at `at`, milliseconds since 1970. */
  take(items: readonly { readonly sku: string; readonly available: number }[], at: number): void {
    this.calls += 1
    this.lastAt = at
    for (const { sku, available } of items) this.#told.set(sku, { available, at, times: (this.#told.get(sku)?.times ?? 0) + 1 })
  }

  of(sku: string): { readonly available: number; readonly at: number; readonly times: number } | undefined {
    return this.#told.get(sku)
  }

  get told(): number {
    return this.#told.size
  }
}

/** SKU of the n-th piece of goods, as the bench stocks them. */
export const goodsSku = (n: number): string => `SKU-${String(n).padStart(5, '0')}`
