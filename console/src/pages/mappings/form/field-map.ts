import { isTree, list, text } from '../../../ui/read-doc.ts'

/** A field map as its form reads it. Members the form does not know stay as they are. */
export type MapValue = Readonly<Record<string, unknown>>
/** `document`: sources are pointers into JSON. `file`: sources are columns. */
export type MapKind = 'document' | 'file'
export const parts = ['order', 'line', 'extra'] as const
export type Part = (typeof parts)[number]

/** One step from text to text; `op` names it, the rest are its parameters. */
export type Step = Readonly<Record<string, unknown>> & { readonly op: string }
export interface FieldSource {
  /** A text for every order; undefined where it is read. */
  readonly constant: string | undefined
  readonly columns: readonly string[]
  readonly join: string | undefined
  readonly steps: readonly Step[]
  readonly optional: boolean
}
/** Where one value of the order comes from. */
export interface FieldRow extends FieldSource {
  readonly part: Part
  readonly path: string
}

const orderTargets = [
  'displayNo',
  'type',
  'placedAt',
  'paidAt',
  'shipBy',
  'updatedAt',
  'currency',
  'total',
  'shipping',
  'shippingDiscount',
  'discount',
  'fees',
  'tax',
  'paymentMethod',
  'paymentId',
  'couponCode',
  'buyerRef',
  'buyerNote',
  'sellerNote',
  'recipient.name',
  'recipient.company',
  'recipient.phone',
  'recipient.email',
  'recipient.country',
  'recipient.province',
  'recipient.city',
  'recipient.district',
  'recipient.address',
  'recipient.postcode',
  'refundOf',
  'pickupOf',
  'reason',
  'cancelReason',
] as const
/** Said by a table of statuses where documents have one. */
const stateTargets = ['sourceStatus', 'payment', 'fulfilment', 'closed', 'cancelled'] as const
const lineTargets = [
  'channelLineNo',
  'channelSku',
  'channelProduct',
  'barcode',
  'title',
  'options',
  'quantity',
  'unitPrice',
  'gross',
  'discount',
  'net',
  'tax',
  'role',
] as const

/** The values of an order a map of this kind can fill. Beside them there are extra values under names of one's own. */
export const targetsOf = (kind: MapKind): readonly { readonly part: Part; readonly path: string }[] => [
  ...[...orderTargets, ...(kind === 'file' ? stateTargets : [])].map((path) => ({ part: 'order' as const, path })),
  ...lineTargets.map((path) => ({ part: 'line' as const, path })),
]

/** What kind of field map a setting is; undefined for any other setting. */
export const kindOf = (value: unknown): MapKind | undefined => {
  if (!isTree(value) || !isTree(value['order']) || !isTree(value['line'])) return undefined
  if (Array.isArray(value['documentKey'])) return 'file'
  return typeof value['lines'] === 'string' ? 'document' : undefined
}

const isStep = (value: unknown): value is Step => isTree(value) && typeof value['op'] === 'string'
const texts = (value: unknown): readonly string[] => list(value).flatMap((one) => text(one) ?? [])

const sourceOf = (value: unknown): FieldSource => {
  const { const: constant, columns, join, convert, optional } = isTree(value) ? value : {}
  return { constant: text(constant), columns: texts(columns), join: text(join), steps: list(convert).filter(isStep), optional: optional === true }
}

/** The fields of a map, in its own order. */
export const rowsOf = (map: MapValue): readonly FieldRow[] =>
  parts.flatMap((part) => {
    const fields = map[part]
    return isTree(fields) ? Object.entries(fields).map(([path, value]) => ({ part, path, ...sourceOf(value) })) : []
  })

/** As the hub reads it: what says nothing is left out. */
const fieldOf = ({ constant, columns, join, steps, optional }: FieldSource): object =>
  constant === undefined
    ? {
        columns,
        ...(join === undefined || join === ' ' ? {} : { join }),
        ...(steps.length > 0 ? { convert: steps } : {}),
        ...(optional ? { optional: true } : {}),
      }
    : { const: constant }

/** A map with one field more, another, or none in the place of `before`; the others keep their order. */
export const withRow = (map: MapValue, before: FieldRow | undefined, after: FieldRow | undefined): MapValue => {
  const kept = rowsOf(map).filter((row) => before === undefined || row.part !== before.part || row.path !== before.path)
  const at = before === undefined ? kept.length : rowsOf(map).findIndex((row) => row.part === before.part && row.path === before.path)
  const rows = after === undefined ? kept : kept.toSpliced(at, 0, after)
  // What the form does not touch is kept as it was written, down to members it does not know.
  const entry = (row: FieldRow): readonly [string, unknown] => {
    const fields = map[row.part]
    return [row.path, row !== after && isTree(fields) ? fields[row.path] : fieldOf(row)]
  }
  const changed = new Set([before?.part, after?.part])
  return Object.fromEntries([
    ...Object.entries(map),
    ...parts.flatMap((part) => (changed.has(part) ? [[part, Object.fromEntries(rows.filter((row) => row.part === part).map(entry))] as const] : [])),
  ])
}

/** Steps that do nothing without a text of their own. */
const needs: Readonly<Record<string, string>> = { stripPrefix: 'text', stripSuffix: 'text', split: 'by' }
const isWholeStep = (step: Step): boolean => {
  if (step.op === 'date') return list(step['formats']).length > 0
  const needed = needs[step.op]
  return needed === undefined || (text(step[needed]) ?? '') !== ''
}

/** Whether a field says where it comes from: half of one stays on the page. */
export const isWhole = (row: FieldRow): boolean =>
  row.path !== '' &&
  row.steps.every(isWholeStep) &&
  (row.constant === undefined ? row.columns.length > 0 && row.columns.every((column) => column.trim() !== '') : row.constant !== '')

/** Steps there are, each as it begins. */
export const newSteps: readonly Step[] = [
  { op: 'trim' },
  { op: 'default', value: '' },
  { op: 'lookup', table: {}, otherwise: 'hold' },
  { op: 'upper' },
  { op: 'lower' },
  { op: 'digits' },
  { op: 'decimal', point: '.' },
  { op: 'integer' },
  { op: 'date', formats: ['yyyy-MM-dd HH:mm:ss'] },
  { op: 'stripPrefix', text: '' },
  { op: 'stripSuffix', text: '' },
  { op: 'split', by: ',', index: 0 },
  { op: 'substring', from: 0 },
]
