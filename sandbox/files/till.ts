import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a till sold on one day: the oracle for whoever reads its file. Amounts in cents. */
export interface TillDay {
  readonly name: string
  readonly text: string
  readonly receipts: number
  readonly returns: number
  readonly voids: number
  readonly rows: number
  readonly soldMinor: number
  readonly returnedMinor: number
}

export interface TillOptions {
  readonly store?: string
  readonly terminal?: string
  readonly seed?: number
  readonly receiptsPerDay?: number
}

const ARTICLES = [
  { sku: '00123456', barcode: '04006381333931', title: 'Tea "Morning", 100 g', cents: 1290 },
  { sku: 'MUG-蓝-01', barcode: '6901234567892', title: '马克杯，蓝色', cents: 3900 },
  { sku: '7612345000019', barcode: '7612345000019', title: 'Gift card; 50', cents: 5000 },
] as const

/**
 * A till that writes one CSV a day, the way tills do: receipt numbers start again every morning, returns have negative
 * quantities, some receipts are voided, one row per article.
 */
export function createTill(options: TillOptions = {}): { readonly day: (date: string) => TillDay } {
  const { store = 'S1', terminal = 'T2', seed = 1, receiptsPerDay = 20 } = options
  const random = randomFrom(seed)
  return {
    day: (date) => {
      const rows: string[] = []
      const tally = { receipts: 0, returns: 0, voids: 0, soldMinor: 0, returnedMinor: 0 }
      for (let no = 1; no <= receiptsPerDay; no++) {
        const roll = random()
        const type = roll < 0.08 ? 'void' : roll < 0.2 ? 'return' : 'sale'
        const lines = 1 + Math.floor(random() * 3)
        let total = 0
        const texts: string[] = []
        for (let line = 1; line <= lines; line++) {
          const article = ARTICLES[Math.floor(random() * ARTICLES.length)] ?? ARTICLES[0]
          const quantity = (1 + Math.floor(random() * 4)) * (type === 'return' ? -1 : 1)
          total += quantity * article.cents
          texts.push(
            [
              store,
              terminal,
              date,
              String(no).padStart(4, '0'),
              type,
              `${date} 10:${String(no % 60).padStart(2, '0')}:00`,
              String(line),
              article.sku,
              article.barcode,
              quoted(article.title),
              String(quantity),
              decimal(article.cents),
            ].join(','),
          )
        }
        rows.push(...texts.map((text) => `${text},${decimal(total)}`))
        if (type === 'void') tally.voids++
        else if (type === 'return') {
          tally.returns++
          tally.returnedMinor -= total
        } else {
          tally.receipts++
          tally.soldMinor += total
        }
      }
      const header = 'store,terminal,business_date,receipt_no,type,sold_at,line_no,sku,barcode,title,quantity,unit_price,total'
      return { name: `${store}-${terminal}-${date}.csv`, text: `${[header, ...rows].join('\r\n')}\r\n`, rows: rows.length, ...tally }
    },
  }
}

/** Puts a file into a folder the way careful tills do: under another name first, then renamed, then its `.done` file. */
export async function dropFile(folder: string, name: string, text: string | Uint8Array, done = false): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.part`), text)
  await rename(join(folder, `${name}.part`), join(folder, name))
  if (done) await writeFile(join(folder, `${name}.done`), '')
}

const quoted = (text: string): string => (/[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const decimal = (cents: number): string =>
  `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`

/** Mulberry32: the same seed sells the same goods. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
