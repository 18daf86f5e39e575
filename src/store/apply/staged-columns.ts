import type { Columns } from '../copy.ts'

// Columns in the order in which rows name them.

/** How a document came, staged or straight in the archive. */
export const ARRIVAL = {
  connection_id: 'raw',
  kind: 'raw',
  external_id: 'raw',
  parent_id: 'raw',
  source: 'raw',
  received_at: 'time',
  source_time: 'time',
  authoritative: 'bool',
  read_started_at: 'time',
  sha256: 'raw',
  meta: 'raw',
} satisfies Columns
/** What an order is about, staged or straight in its table. */
export const STATE = {
  cancelled: 'bool',
  cancel_requested: 'bool',
  closed: 'bool',
  reserves: 'bool',
  currency: 'raw',
  total_minor: 'int8',
  paid_minor: 'int8',
  refunded_minor: 'int8',
  line_count: 'int4',
  unit_count: 'numeric',
  placed_at: 'time',
  paid_at: 'time',
  ship_by: 'time',
  sandbox: 'bool',
} satisfies Columns

// The staging tables.
const RAW = {
  i: 'int4',
  archived: 'bool',
  ...ARRIVAL,
  size: 'int4',
  mapping: 'raw',
  overrides_version: 'int4',
  result: 'raw',
  reason: 'raw',
} satisfies Columns
export const ORDER = {
  i: 'int4',
  channel: 'raw',
  channel_order_no: 'raw',
  display_no: 'raw',
  content_hash: 'raw',
  source_status: 'raw',
  payment: 'raw',
  fulfilment: 'raw',
  after_sale: 'raw',
  ...STATE,
  bound: 'bool',
  party_mark: 'raw',
} satisfies Columns
export const LINE = {
  i: 'int4',
  line_no: 'int4',
  channel_line_no: 'raw',
  listing_key: 'raw',
  channel_sku: 'raw',
  barcode: 'raw',
  sku: 'raw',
  title: 'raw',
  quantity: 'numeric',
  cancelled: 'numeric',
  shipped: 'numeric',
  net_minor: 'int8',
  needs_goods: 'bool',
  place: 'raw',
} satisfies Columns
export const REFUND = {
  i: 'int4',
  detailed: 'bool',
  channel_refund_no: 'raw',
  channel_order_no: 'raw',
  order_external_id: 'raw',
  kind: 'raw',
  state: 'raw',
  currency: 'raw',
  amount_minor: 'int8',
  source_time: 'time',
  content_hash: 'raw',
  doc: 'raw',
  at: 'time',
  sandbox: 'bool',
} satisfies Columns
export const FAILURE = {
  i: 'int4',
  subject_kind: 'raw',
  signature: 'raw',
  connection_id: 'raw',
  channel: 'raw',
  operation: 'raw',
  fault_kind: 'raw',
  code: 'raw',
  message: 'raw',
  sample: 'raw',
  subject: 'raw',
} satisfies Columns
/** `raw_id` is left out where the sequence gives one. */
export const UNARCHIVED = RAW
export const ARCHIVED = { ...RAW, raw_id: 'int8' } satisfies Columns
export const BODY = { i: 'int4', key_id: 'int4', row_key: 'raw', body: 'raw' } satisfies Columns
export const DOC = { i: 'int4', doc: 'raw' } satisfies Columns
export const FACT = { i: 'int4', code: 'raw', at: 'time', ref: 'raw' } satisfies Columns
export const HOLD = { i: 'int4', code: 'raw', detail: 'raw', message: 'raw' } satisfies Columns
export const PARTY = { i: 'int4', key_id: 'int4', row_key: 'raw', body: 'raw', phone4: 'raw', phone: 'raw', email: 'raw' } satisfies Columns

/** Staged where a document is known to be the first of its entity, and its own rows are written straight: what the statements after them ask for. */
export const FRESH_RAW = {
  i: 'int4',
  connection_id: 'raw',
  kind: 'raw',
  external_id: 'raw',
  mapping: 'raw',
  result: 'raw',
  raw_id: 'int8',
  order_id: 'int8',
} satisfies Columns
/** With what the lines of other orders find beside them. */
export const FRESH_LINE = { ...LINE, order_id: 'int8', reserves: 'bool' } satisfies Columns
export const APPLIED = {
  i: 'int4',
  order_id: 'int8',
  version: 'int4',
  connection_id: 'raw',
  cause: 'raw',
  sandbox: 'bool',
  inserted: 'bool',
} satisfies Columns
