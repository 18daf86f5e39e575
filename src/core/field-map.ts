import { z } from 'zod'
import { DomainError } from './fault.ts'

/** A column name or another short text. */
const name = z.string().max(200)

/**
 * One step from cell text to canonical text. The list is closed and every step is total: it ends, and it either
 * returns text or names why it cannot. There is no expression language on purpose.
 */
export const Converter = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('trim') }),
  z.strictObject({ op: z.literal('upper') }),
  z.strictObject({ op: z.literal('lower') }),
  /** Full-width forms to half-width; currency signs and blanks dropped. */
  z.strictObject({ op: z.literal('digits') }),
  /** "1,234.50" (point ".") or "1.234,50" (point ",") to "1234.50"; brackets and a trailing minus are negative. */
  z.strictObject({ op: z.literal('decimal'), point: z.enum(['.', ',']).default('.') }),
  z.strictObject({ op: z.literal('integer') }),
  /** Local time by luxon formats, "excel-serial", "unix-seconds" or "unix-milliseconds"; the zone of the field map applies unless one is given here. */
  z.strictObject({ op: z.literal('date'), formats: z.array(z.string().min(1).max(40)).min(1).max(8), timezone: name.optional() }),
  z.strictObject({
    op: z.literal('lookup'),
    table: z.record(name, name).refine((table) => Object.keys(table).length <= 2000, 'has too many entries'),
    otherwise: z.enum(['keep', 'hold']).default('hold'),
  }),
  z.strictObject({ op: z.literal('stripPrefix'), text: name.min(1) }),
  z.strictObject({ op: z.literal('stripSuffix'), text: name.min(1) }),
  z.strictObject({ op: z.literal('default'), value: z.string().max(1000) }),
  z.strictObject({ op: z.literal('split'), by: name.min(1), index: z.int().min(0).max(99) }),
  z.strictObject({ op: z.literal('substring'), from: z.int().min(0), to: z.int().min(0).optional() }),
])
export type Converter = z.output<typeof Converter>

/** Where one canonical value comes from: columns (joined when several) with converters, or a constant. */
export const Field = z.union([
  z.strictObject({ const: z.string().max(1000) }),
  z.strictObject({
    columns: z.array(name.min(1)).min(1).max(8),
    join: z.string().max(8).default(' '),
    convert: z.array(Converter).max(12).default([]),
    /** Files without this column are read as if it were empty; otherwise they are refused before anything is stored. */
    optional: z.boolean().default(false),
  }),
])
export type Field = z.output<typeof Field>

/** Values an order takes once, from the first row of its group that has one. */
export const ORDER_PATHS = [
  'displayNo',
  'sourceStatus',
  'type',
  'payment',
  'fulfilment',
  'closed',
  'cancelled',
  'cancelReason',
  'placedAt',
  'paidAt',
  'shipBy',
  'updatedAt',
  'currency',
  'shipping',
  'shippingDiscount',
  'fees',
  'tax',
  'discount',
  'total',
  'paymentMethod',
  'paymentId',
  'couponCode',
  'buyerRef',
  'buyerNote',
  'sellerNote',
  'refundOf',
  'pickupOf',
  'reason',
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
] as const
export type OrderPath = (typeof ORDER_PATHS)[number]

/** Values every row gives one order line. `net` and `gross` are line amounts; without them gross = quantity × unitPrice. */
export const LINE_PATHS = [
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
export type LinePath = (typeof LINE_PATHS)[number]

/** A test on one column. `negative`, `positive` and `zero` read the sign only, so they work in every number style. */
export const Condition = z.strictObject({
  column: name.min(1),
  is: z.enum(['equals', 'prefix', 'empty', 'filled', 'negative', 'positive', 'zero']),
  values: z.array(name).max(50).default([]),
})
export type Condition = z.output<typeof Condition>

/** What a group of rows is. The first rule whose conditions all hold decides; without one it is an order. */
export const Rule = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  when: z.array(Condition).min(1).max(8),
  rows: z.enum(['first', 'every']).default('first'),
  then: z.enum(['order', 'refund', 'return', 'cancellation', 'adjustment', 'ignore']),
})
export type Rule = z.output<typeof Rule>

/** How the bytes are read. `documents` and `lines` are dotted paths in JSON and XML. */
export const FileFormat = z.strictObject({
  type: z.enum(['auto', 'csv', 'xlsx', 'json', 'xml']).default('auto'),
  encoding: z.enum(['auto', 'utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'windows-1252']).default('auto'),
  delimiter: z.enum(['auto', ',', ';', '\t', '|']).default('auto'),
  headerRow: z.int().min(1).max(100).default(1),
  sheet: name.optional(),
  documents: name.optional(),
  lines: name.optional(),
  /** Rows with fewer cells than the header: hold them, or read the missing ones as empty. */
  shortRows: z.enum(['hold', 'pad']).default('hold'),
})
export type FileFormat = z.output<typeof FileFormat>

/** How the files of one connection become orders. Data, not code: kept with the connection and versioned with it. */
export const FieldMap = z
  .strictObject({
    title: z.string().max(80).default(''),
    format: FileFormat.prefault({}),
    /** Default zone and currency of the file; the connection's where absent. */
    timezone: name.optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
    taxIncluded: z.boolean().default(true),
    /** Rows with the same text in these columns are one document. */
    documentKey: z.array(name.min(1)).min(1).max(6),
    order: z.partialRecord(z.enum(ORDER_PATHS), Field),
    line: z.partialRecord(z.enum(LINE_PATHS), Field),
    extra: z
      .record(z.string().regex(/^[a-zA-Z0-9_.-]{1,40}$/), Field)
      .refine((extra) => Object.keys(extra).length <= 100, 'has too many entries')
      .default({}),
    rules: z.array(Rule).max(30).default([]),
  })
  .superRefine((map, context) => {
    const need = (present: boolean, path: string[], message: string): void => {
      if (!present) context.addIssue({ code: 'custom', path, message })
    }
    need(map.order.placedAt !== undefined, ['order', 'placedAt'], 'Say where the order time comes from.')
    need(map.order.payment !== undefined, ['order', 'payment'], 'Say how the payment state is known (a constant is enough).')
    need(map.line.quantity !== undefined, ['line', 'quantity'], 'Say where the quantity comes from.')
    need(map.line.channelSku !== undefined || map.line.title !== undefined, ['line', 'channelSku'], 'Map a SKU or a title.')
    need(
      map.line.unitPrice !== undefined || map.line.gross !== undefined || map.line.net !== undefined,
      ['line', 'unitPrice'],
      'Map a price or an amount.',
    )
    for (const { path, column } of exposed(map))
      need(false, [...path], `"${column}" holds personal data, which goes into recipient fields and buyerNote only: there it is sealed.`)
  })
export type FieldMap = z.output<typeof FieldMap>

/** Paths whose values are sealed. */
const SEALED: ReadonlySet<string> = new Set([
  'recipient.name',
  'recipient.company',
  'recipient.phone',
  'recipient.email',
  'recipient.address',
  'recipient.district',
  'recipient.postcode',
  'buyerNote',
])
/** Headings that say so themselves. A bare "name" also names goods. */
const PERSONAL_COLUMN = /phone|mobile|\btel\b|e-?mail|address|street|id ?card|passport|收货人|收件人|买家姓名|姓名|电话|手机|邮箱|地址|身份证/i

/** Columns with personal data that a map moves where everybody who may read orders sees it. */
function exposed(map: {
  readonly documentKey: readonly string[]
  readonly order: Readonly<Record<string, Field | undefined>>
  readonly line: Readonly<Record<string, Field | undefined>>
  readonly extra: Readonly<Record<string, Field>>
}): readonly { readonly path: readonly string[]; readonly column: string }[] {
  const columnsOf = (field: Field | undefined): readonly string[] => (field !== undefined && 'columns' in field ? field.columns : [])
  const sealed = new Set(Object.entries(map.order).flatMap(([path, field]) => (SEALED.has(path) ? columnsOf(field).map(columnName) : [])))
  const isPersonal = (column: string): boolean => sealed.has(columnName(column)) || PERSONAL_COLUMN.test(columnName(column))
  const open: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['documentKey'], map.documentKey],
    ...Object.entries(map.order).flatMap(([path, field]) =>
      path.startsWith('recipient.') || SEALED.has(path) ? [] : [[['order', path], columnsOf(field)] as const],
    ),
    ...Object.entries(map.line).map(([path, field]) => [['line', path], columnsOf(field)] as const),
    ...Object.entries(map.extra).map(([path, field]) => [['extra', path], columnsOf(field)] as const),
  ]
  return open.flatMap(([path, columns]) => columns.filter(isPersonal).map((column) => ({ path, column })))
}

/** Reads a field map from settings. Throws DomainError(`field-map-invalid`) that names the first offending path. */
export function parseFieldMap(value: unknown): FieldMap {
  const result = FieldMap.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path.join('.') ?? ''
  throw new DomainError('field-map-invalid', `The field map is not valid at "${path}": ${issue?.message ?? 'unreadable'}.`, { path })
}

/** Header texts are compared without outer blanks, inner runs of blanks collapsed, full-width forms as half-width. */
export const columnName = (text: string): string => text.normalize('NFKC').replace(/\s+/g, ' ').trim()

/** Columns a file must have before any row of it is taken, as written in the field map. */
export function requiredColumns(map: FieldMap): readonly string[] {
  const names = new Set(map.documentKey)
  for (const field of [...Object.values(map.order), ...Object.values(map.line), ...Object.values(map.extra)]) {
    if (field !== undefined && 'columns' in field && !field.optional) for (const column of field.columns) names.add(column)
  }
  return [...names]
}

/** Every column a field map reads, in compared form. */
export function fieldMapColumns(map: FieldMap): ReadonlySet<string> {
  const names = new Set(map.documentKey.map(columnName))
  for (const field of [...Object.values(map.order), ...Object.values(map.line), ...Object.values(map.extra)]) {
    if (field !== undefined && 'columns' in field) for (const column of field.columns) names.add(columnName(column))
  }
  for (const rule of map.rules) for (const condition of rule.when) names.add(columnName(condition.column))
  return names
}
