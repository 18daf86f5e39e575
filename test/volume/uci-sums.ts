import { createHash, type Hash } from 'node:crypto'
import { uciRows, type UciRow } from './uci-rows.ts'

/** What an invoice is by the notes of the data set: C… cancels, A… adjusts bad debt, negative and free rows write stock off. */
export type InvoiceKind = 'order' | 'cancellation' | 'adjustment' | 'ignored'

export interface Invoice {
  readonly kind: InvoiceKind
  readonly rows: number
  /** Σ quantity × price in thousandths of a pound: exact. */
  readonly thousandths: number
  /** Σ of the lines' amounts, each rounded to pennies half away from zero. */
  readonly minor: number
  /** Wall clock in London of its first row. */
  readonly at: string
  /** MD5 over its lines in order, each as `article|quantity|pennies|title`, parted by line feeds. */
  readonly digest: string
}

export interface Sum {
  documents: number
  rows: number
  thousandths: number
  minor: number
}

/** What a line must be in the end, as one text. */
const lineText = (line: { readonly sku: string; readonly quantity: number; readonly minor: number; readonly title: string }): string =>
  `${line.sku}|${line.quantity}|${line.minor}|${line.title}`

/**
 * Every invoice of the first `limit` rows with its sums, computed here from the file alone in whole thousandths: nothing of
 * the hub has a part in it, so that the hub can be compared with it.
 */
export async function uciInvoices(path: string, limit?: number): Promise<ReadonlyMap<string, Invoice>> {
  const open = new Map<string, Gathered>()
  for await (const row of uciRows(path, limit)) gather(open, row)
  return new Map([...open].map(([no, { hash, writtenOff, ...rest }]) => [no, { ...rest, kind: kindOf(no, writtenOff), digest: hash.digest('hex') }]))
}

interface Gathered {
  rows: number
  thousandths: number
  minor: number
  readonly at: string
  /** Every row takes units away and is free. */
  writtenOff: boolean
  readonly hash: Hash
}

function gather(open: Map<string, Gathered>, row: UciRow): void {
  let invoice = open.get(row.invoice)
  if (!invoice) {
    invoice = { rows: 0, thousandths: 0, minor: 0, at: row.at, writtenOff: true, hash: createHash('md5') }
    open.set(row.invoice, invoice)
  }
  const thousandths = row.quantity * thousandthsOf(row.unitPrice)
  const minor = Math.sign(thousandths) * Math.floor((Math.abs(thousandths) + 5) / 10)
  if (invoice.rows > 0) invoice.hash.update('\n')
  invoice.hash.update(lineText({ ...row, minor }))
  invoice.rows += 1
  invoice.thousandths += thousandths
  invoice.minor += minor
  invoice.writtenOff &&= row.quantity < 0 && thousandths === 0
}

function thousandthsOf(price: string): number {
  const match = /^(-?)(\d+)(?:\.(\d{1,3}))?$/.exec(price)
  if (!match) throw new Error(`"${price}" is not a price with up to three places.`)
  return Number(`${match[1] ?? ''}${match[2] ?? ''}${(match[3] ?? '').padEnd(3, '0')}`)
}

function kindOf(no: string, writtenOff: boolean): InvoiceKind {
  if (no.startsWith('C')) return 'cancellation'
  if (no.startsWith('A')) return 'adjustment'
  return writtenOff ? 'ignored' : 'order'
}

/** Sums of all invoices of one kind, or of all without one. */
export function sumOf(invoices: ReadonlyMap<string, Invoice>, kind?: InvoiceKind): Sum {
  const sum: Sum = { documents: 0, rows: 0, thousandths: 0, minor: 0 }
  for (const invoice of invoices.values()) {
    if (kind !== undefined && invoice.kind !== kind) continue
    sum.documents += 1
    sum.rows += invoice.rows
    sum.thousandths += invoice.thousandths
    sum.minor += invoice.minor
  }
  return sum
}

/** Plain decimal text without surplus zeros: 9747747934 thousandths are "9747747.934". */
export function poundsOf(thousandths: number): string {
  const digits = String(Math.abs(thousandths)).padStart(4, '0')
  const fraction = digits.slice(-3).replace(/0+$/, '')
  return `${thousandths < 0 ? '-' : ''}${digits.slice(0, -3)}${fraction === '' ? '' : `.${fraction}`}`
}
