import { z } from 'zod'
import { DomainError } from './fault.ts'
import { Field, FieldMap, LINE_PATHS, ORDER_PATHS } from './field-map.ts'
import { Match, Pointer } from './pick.ts'

/** What a status word of the channel means; orders in a word nobody explained are held. */
export const STATUS_MEANINGS = [
  'awaiting_payment',
  'to_ship',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
  'refunded',
  'failed',
  'cancel_requested',
  'ignore',
] as const
export type StatusMeaning = (typeof STATUS_MEANINGS)[number]

/** Said by the status table and not by fields of their own. */
const BY_STATUS = ['payment', 'fulfilment', 'cancelled', 'closed', 'sourceStatus'] as const
const isByStatus = (path: string): boolean => BY_STATUS.some((one) => one === path)
const orderPaths = ORDER_PATHS.filter((path) => !isByStatus(path))

/** The refunds an order sums up: one entry each. */
const RefundSummary = z.strictObject({ items: Pointer, id: Pointer, amount: Pointer, reason: Pointer.optional(), at: Pointer.optional() })
/** A refund document of its own. Amounts may be negative; what counts is how much went back. */
const RefundDocument = z.strictObject({
  id: Pointer,
  amount: Pointer,
  at: Pointer,
  reason: Pointer.optional(),
  lines: z
    .strictObject({
      items: Pointer,
      lineNo: z.array(Pointer).min(1).max(4),
      sku: Pointer.optional(),
      title: Pointer.optional(),
      quantity: Pointer,
      amount: z.array(Pointer).min(1).max(4),
    })
    .optional(),
})

const shape = z.strictObject({
  /** Where the order keeps its lines. */
  lines: Pointer,
  /** Lines that are none: edited down to nothing, comments. */
  skipLine: Match.optional(),
  status: Pointer,
  statuses: z
    .record(z.string().min(1).max(80), z.enum(STATUS_MEANINGS))
    .refine((table) => Object.keys(table).length > 0, 'Explain at least one status.'),
  /** Filled once the goods have left: a refunded order was then shipped, not cancelled. */
  shippedAt: Pointer.optional(),
  /** Paid on delivery: not paid although it is to be shipped. */
  cod: Match.optional(),
  timezone: z.string().max(60).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  taxIncluded: z.boolean().default(true),
  order: z.partialRecord(z.enum(orderPaths), Field),
  line: z.partialRecord(z.enum(LINE_PATHS), Field),
  extra: z.record(z.string(), Field).default({}),
  /** What a line's listing is called here, put together as the listings' own key is ("product" or "product:variant"). */
  listingKey: z.array(Pointer).max(4).optional(),
  refunds: RefundSummary.optional(),
  refund: RefundDocument.optional(),
})

/** How JSON documents of a channel become orders: a field map whose columns are pointers ("/total", of a line "./sku", the first that is filled "/a | /b", "sum(/a + /b - /c)"). */
export const DocumentMap = shape.superRefine((map, context) => {
  for (const [part, fields] of [
    ['order', map.order],
    ['line', map.line],
    ['extra', map.extra],
  ] as const) {
    for (const [path, field] of Object.entries(fields))
      for (const column of columnsOf(field))
        if (!isColumn(column))
          context.addIssue({
            code: 'custom',
            path: [part, path],
            message: `"${column}" is no pointer: begin with "/" (the order), "./" (its line) or sum(…).`,
          })
  }
  const made = FieldMap.safeParse(asFieldMap(map))
  if (!made.success) for (const issue of made.error.issues) context.addIssue({ code: 'custom', path: issue.path, message: issue.message })
})
export type DocumentMap = z.output<typeof DocumentMap>

const columnsOf = (field: Field | undefined): readonly string[] => (field !== undefined && 'columns' in field ? field.columns : [])
const isColumn = (text: string): boolean =>
  alternativesOf(text).every((one) =>
    termsOf(one).every(({ pointer }) => /^\.?\//.test(pointer) && Pointer.safeParse(pointer.replace(/^\./, '')).success),
  )

/** "/a | /b" taken apart: the first that is filled counts. */
export const alternativesOf = (column: string): readonly string[] => column.split(' | ').map((one) => one.trim())

/** One part of a column: a pointer that is added or taken away. */
export interface Term {
  readonly sign: 1 | -1
  readonly pointer: string
}

/** "sum(/a + ./b - /c)" taken apart; a plain pointer is one term. */
export function termsOf(column: string): readonly Term[] {
  const sum = /^sum\((.*)\)$/.exec(column)
  if (!sum) return [{ sign: 1, pointer: column }]
  return (sum[1] ?? '')
    .split(/\s(?=[+-]\s)/)
    .map((term) => ({ sign: term.startsWith('- ') ? (-1 as const) : (1 as const), pointer: term.replace(/^[+-]\s/, '').trim() }))
}

/** The field map behind it. Columns with # are filled in from the status table. */
function asFieldMap(map: z.output<typeof shape>): unknown {
  const from = (column: string): unknown => ({ columns: [column] })
  const byStatus = Object.fromEntries(BY_STATUS.map((path) => [path, from(`#${path}`)]))
  const { timezone, currency, taxIncluded, line, extra } = map
  return {
    documentKey: ['#id'],
    order: { ...map.order, ...byStatus },
    line,
    extra,
    taxIncluded,
    ...(timezone ? { timezone } : {}),
    ...(currency ? { currency } : {}),
  }
}

/** @throws DomainError(`field-map-invalid`) that names the first offending path */
export function parseDocumentMap(value: unknown): { readonly map: DocumentMap; readonly fields: FieldMap } {
  const result = DocumentMap.safeParse(value)
  if (result.success) return { map: result.data, fields: FieldMap.parse(asFieldMap(result.data)) }
  const issue = result.error.issues[0]
  const path = issue?.path.join('.') ?? ''
  throw new DomainError('field-map-invalid', `The mapping is not valid at "${path}": ${issue?.message ?? 'unreadable'}.`, { path })
}
