import { TitleIndex } from './title-index.ts'

/** What a channel says of one of its SKUs. */
export interface Described {
  readonly channel_sku: string
  readonly barcode: string | null
  readonly title: string
}

export interface MasterSku {
  readonly sku: string
  readonly title: string
  readonly barcode: string | null
}

export interface Suggestion {
  readonly sku: string
  readonly title: string
  /** 0 to 1: how often such a suggestion is right. */
  readonly confidence: number
  /** What speaks for it, the strongest first. */
  readonly why: readonly ('code' | 'barcode' | 'title')[]
}

const MOST = 5
const SAME_CODE = 0.95
const SAME_BARCODE = 0.97
/** Nobody is certain but the person who decides. */
const CERTAIN = 0.99
const WORTH_SAYING = 0.05
/** Beside a reason that stands already. */
const WORTH_NAMING = 0.2

/**
 * From a title's score to a share of right answers, fitted with scripts/measure-suggestions.ts (docs/listings.md): the logistic
 * of the best one's score, divided among all that are nearly as good.
 */
const OFFSET = -6
const SLOPE = 8.5
const SHARPNESS = 24

/** The SKU master, prepared for questions. */
export class SkuIndex {
  readonly #skus: MasterSku[] = []
  readonly #codes = new Map<string, number[]>()
  readonly #barcodes = new Map<string, number[]>()
  readonly #titles = new TitleIndex()

  add(sku: MasterSku): void {
    const at = this.#skus.push(sku) - 1
    note(this.#codes, foldedCode(sku.sku), at)
    note(this.#barcodes, foldedBarcode(sku.barcode ?? ''), at)
    this.#titles.add(sku.title)
  }

  /** At most five, best first; none where the best is hardly better than chance. */
  suggest(listing: Described): readonly Suggestion[] {
    const doubts = new Map<number, { doubt: number; why: Suggestion['why'] }>()
    const speaksFor = (at: number, confidence: number, why: Suggestion['why'][number]): void => {
      const before = doubts.get(at) ?? { doubt: 1, why: [] }
      doubts.set(at, {
        doubt: before.doubt * (1 - confidence),
        why: before.why.length > 0 && confidence < WORTH_NAMING ? before.why : [...before.why, why],
      })
    }
    const barcode = this.#barcodes.get(foldedBarcode(listing.barcode ?? '')) ?? []
    for (const at of barcode) speaksFor(at, SAME_BARCODE / barcode.length, 'barcode')
    const code = this.#codes.get(foldedCode(listing.channel_sku)) ?? []
    for (const at of code) speaksFor(at, SAME_CODE / code.length, 'code')
    for (const { at, confidence } of this.#byTitle(listing.title)) speaksFor(at, confidence, 'title')
    const found = [...doubts]
      .flatMap(([at, { doubt, why }]) => {
        const sku = this.#skus[at]
        return sku === undefined ? [] : [{ sku: sku.sku, title: sku.title, confidence: shown(1 - doubt), why }]
      })
      .toSorted((a, b) => b.confidence - a.confidence || (a.sku < b.sku ? -1 : 1))
      .slice(0, MOST)
    return (found[0]?.confidence ?? 0) < WORTH_SAYING ? [] : found
  }

  #byTitle(title: string): readonly { readonly at: number; readonly confidence: number }[] {
    const matches = this.#titles.ask(title, MOST)
    const best = matches[0]?.score ?? 0
    if (best === 0) return []
    const shares = matches.map(({ score }) => (score / best) ** SHARPNESS)
    const all = shares.reduce((sum, share) => sum + share, 0)
    return matches.map(({ at, score }, i) => ({ at, confidence: (shares[i] ?? 0) / all / (1 + Math.exp(-(OFFSET + SLOPE * score))) }))
  }
}

const shown = (confidence: number): number => Math.min(CERTAIN, Math.max(0.01, Math.round(confidence * 100) / 100))

/** One code however it is typed: width, case, and what stands between its letters and digits do not count. */
const foldedCode = (code: string): string =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{P}\p{S}]/gu, '')

/** A GTIN in fourteen digits, whichever of its four lengths was written; anything else as a code. */
function foldedBarcode(barcode: string): string {
  const text = foldedCode(barcode)
  return /^(\d{8}|\d{12,14})$/.test(text) ? text.padStart(14, '0') : text
}

function note(map: Map<string, number[]>, key: string, at: number): void {
  if (key === '') return
  const known = map.get(key)
  if (known) known.push(at)
  else map.set(key, [at])
}
