import { FIRST_ID, orderText, placedAt } from './orders.ts'

const FIRST_PLACED = Date.parse(placedAt(0))
const KEPT_PAGES = 100

interface Change {
  readonly index: number
  readonly revision: number
  readonly updatedAt: string
}

export interface OrderPage {
  /** The answer's body. */
  readonly body: Buffer
  /** Word for the page after this one; null when there is none. */
  readonly next: string | null
  readonly count: number
}

const COMMA = Buffer.from(',')

/** One shop: so many orders, and those changed or added since, all in order of their last change and then their id. */
export class Shop {
  readonly #untouched: number
  #size: number
  readonly #changes = new Map<number, Change>()
  #sorted: readonly Change[] = []
  readonly #pages = new Map<string, OrderPage>()
  readonly levels = new Map<string, number>()

  constructor(size: number) {
    this.#untouched = size
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** Orders evenly spread over the shop, changed just now. */
  change(count: number, now: string): number {
    const step = Math.max(1, Math.floor(this.#size / count))
    let changed = 0
    for (let index = 0; index < this.#size && changed < count; index += step, changed += 1)
      this.#changes.set(index, { index, revision: (this.#changes.get(index)?.revision ?? 0) + 1, updatedAt: now })
    this.#sort()
    return changed
  }

  /** New orders, placed just now. */
  add(count: number, now: string): void {
    for (let added = 0; added < count; added += 1) this.#changes.set(this.#size + added, { index: this.#size + added, revision: 0, updatedAt: now })
    this.#size += count
    this.#sort()
  }

  #sort(): void {
    this.#sorted = [...this.#changes.values()].toSorted((a, b) =>
      a.updatedAt === b.updatedAt ? a.index - b.index : a.updatedAt < b.updatedAt ? -1 : 1,
    )
    this.#pages.clear()
  }

  /** Orders last changed at `from` or later, or those after the page that ended with `after`. */
  page(request: { readonly from?: string; readonly after?: string; readonly limit: number }, urlOf: (next: string) => string): OrderPage {
    const key = JSON.stringify(request)
    const known = this.#pages.get(key)
    if (known) return known
    const start = request.after === undefined ? { at: normal(request.from), id: -1 } : positionOf(request.after)
    const states = this.#from(start, request.limit + 1)
    const shown = states.slice(0, request.limit)
    const last = shown.at(-1)
    const next = states.length > request.limit && last ? Buffer.from(`${last.updatedAt}|${FIRST_ID + last.index}`).toString('base64url') : null
    const parts: Buffer[] = [Buffer.from('{"orders":[')]
    for (const [at, state] of shown.entries()) {
      if (at > 0) parts.push(COMMA)
      parts.push(Buffer.from(orderText(state)))
    }
    parts.push(Buffer.from(`],"next":${JSON.stringify(next)},"next_url":${JSON.stringify(next === null ? null : urlOf(next))}}`))
    const page = { body: Buffer.concat(parts), next, count: shown.length }
    if (this.#pages.size < KEPT_PAGES) this.#pages.set(key, page)
    return page
  }

  /** Changes are younger than everything untouched, so the two lists follow each other. */
  #from(start: { readonly at: string; readonly id: number }, count: number): readonly Change[] {
    const found: Change[] = []
    const first = start.at === '' ? 0 : Math.max(0, Math.ceil((Date.parse(start.at) - FIRST_PLACED) / 1000))
    for (let index = first; index < this.#untouched && found.length < count; index += 1) {
      const updatedAt = placedAt(index)
      if (this.#changes.has(index) || (updatedAt === start.at && FIRST_ID + index <= start.id)) continue
      found.push({ index, revision: 0, updatedAt })
    }
    for (const change of this.#sorted) {
      if (found.length === count) break
      if (change.updatedAt > start.at || (change.updatedAt === start.at && FIRST_ID + change.index > start.id)) found.push(change)
    }
    return found
  }
}

/** Written as the shop writes times, so that texts compare like times. Empty for none. */
function normal(time: string | undefined): string {
  const ms = Date.parse(time ?? '')
  if (Number.isNaN(ms)) return ''
  return ms % 1000 === 0 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : new Date(ms).toISOString()
}

function positionOf(after: string): { readonly at: string; readonly id: number } {
  const [at = '', id = ''] = Buffer.from(after, 'base64url').toString().split('|')
  return { at, id: Number(id) }
}
