import type { MoneyText } from '../../format/money.ts'
import type { OrderDoc } from '../../api/orders.ts'
import { isMoney, isTree, moneyOf, text } from '../../ui/read-doc.ts'

/** One value of the canonical document with the place it stands at. */
export interface Leaf {
  readonly path: string
  readonly name: string
  /** Empty for the document itself, else e.g. "lines[0]". */
  readonly group: string
  readonly value: string
  readonly money: MoneyText | undefined
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

const asText = (value: unknown): string => text(value) ?? JSON.stringify(value)

/** Group headings are the list items and sub-documents that hold values directly. */
const walk = (value: unknown, path: string, group: string, name: string, found: Leaf[]): void => {
  if (value === undefined || value === null || value === '') return
  if (isMoney(value)) found.push({ path, name, group, value: moneyOf(value)?.amount ?? '', money: moneyOf(value) })
  else if (Array.isArray(value)) value.forEach((item: unknown, index) => walk(item, `${path}[${index}]`, `${path}[${index}]`, name, found))
  else if (isTree(value)) for (const [key, inner] of Object.entries(value)) walk(inner, join(path, key), path, key, found)
  else found.push({ path, name, group, value: asText(value), money: undefined })
}

/** Every value of a canonical document in reading order: its own fields first, then nested parts. */
export const leavesOf = (doc: OrderDoc): readonly Leaf[] => {
  const found: Leaf[] = []
  walk(doc, '', '', '', found)
  return [...found.filter((leaf) => leaf.group === ''), ...found.filter((leaf) => leaf.group !== '')]
}
