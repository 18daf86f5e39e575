import { DomainError } from './fault.ts'
import { parseFieldMap } from './field-map.ts'
import type { FieldMap } from './field-map.ts'

const column = (name: string, ...convert: readonly object[]): object => ({ columns: [name], convert })
const optional = (name: string, ...convert: readonly object[]): object => ({ columns: [name], convert, optional: true })
const TRIM = { op: 'trim' }
const DIGITS = { op: 'digits' }
const DECIMAL = { op: 'decimal', point: '.' }
const YEAR_FIRST = {
  op: 'date',
  formats: ['yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd HH:mm', 'yyyy-MM-dd', 'yyyy/M/d H:mm:ss', 'yyyy/M/d H:mm', 'yyyy/M/d', 'excel-serial'],
}

/** The public "Online Retail" data set: cancellations start with C, bad-debt adjustments with A, write-offs have price 0. */
const uciOnlineRetail = {
  title: 'UCI Online Retail',
  timezone: 'Europe/London',
  currency: 'GBP',
  documentKey: ['InvoiceNo'],
  order: {
    type: { const: 'pos' },
    sourceStatus: { const: 'invoiced' },
    payment: { const: 'paid' },
    paymentMethod: { const: 'invoice' },
    fulfilment: { const: 'shipped' },
    closed: { const: 'true' },
    placedAt: column('InvoiceDate', { op: 'date', formats: ['yyyy-MM-dd HH:mm:ss'] }),
    buyerRef: column('CustomerID', TRIM, { op: 'stripSuffix', text: '.0' }),
  },
  line: {
    channelSku: column('StockCode', TRIM),
    title: column('Description', TRIM),
    quantity: column('Quantity', TRIM, DECIMAL),
    unitPrice: column('UnitPrice', TRIM),
  },
  extra: { country: column('Country', TRIM) },
  rules: [
    { name: 'cancelled-invoice', when: [{ column: 'InvoiceNo', is: 'prefix', values: ['C'] }], then: 'cancellation' },
    { name: 'bad-debt-adjustment', when: [{ column: 'InvoiceNo', is: 'prefix', values: ['A'] }], then: 'adjustment' },
    {
      name: 'stock-adjustment',
      when: [
        { column: 'Quantity', is: 'negative' },
        { column: 'UnitPrice', is: 'zero' },
      ],
      rows: 'every',
      then: 'ignore',
    },
  ],
}

const genericOrders = {
  title: 'Orders, one row per line',
  documentKey: ['order_no'],
  order: {
    type: { const: 'normal' },
    payment: optional(
      'payment_status',
      TRIM,
      { op: 'lower' },
      { op: 'default', value: 'pending' },
      { op: 'lookup', table: { paid: 'paid', pending: 'pending', unpaid: 'pending', refunded: 'refunded', cod: 'pending' } },
    ),
    sourceStatus: optional('payment_status', TRIM),
    paymentMethod: optional('payment_method', TRIM),
    placedAt: column('ordered_at', TRIM, YEAR_FIRST),
    currency: optional('currency', TRIM, { op: 'upper' }),
    shipping: optional('shipping', TRIM, DIGITS, DECIMAL),
    discount: optional('discount', TRIM, DIGITS, DECIMAL),
    total: optional('total', TRIM, DIGITS, DECIMAL),
    buyerNote: optional('note', TRIM),
    'recipient.name': optional('name', TRIM),
    'recipient.phone': optional('phone', TRIM),
    'recipient.email': optional('email', TRIM),
    'recipient.country': optional('country', TRIM, { op: 'upper' }),
    'recipient.province': optional('province', TRIM),
    'recipient.city': optional('city', TRIM),
    'recipient.address': optional('address', TRIM),
    'recipient.postcode': optional('postcode', TRIM),
  },
  line: {
    channelSku: column('sku', TRIM),
    title: optional('title', TRIM),
    barcode: optional('barcode', TRIM),
    quantity: column('quantity', TRIM, DIGITS, DECIMAL),
    unitPrice: column('unit_price', TRIM, DIGITS, DECIMAL),
  },
}

/** A till's day file: the key of a receipt is shop, till, number and business date, because numbers start again every day. */
const posReceipts = {
  title: 'Till receipts',
  documentKey: ['store', 'terminal', 'business_date', 'receipt_no'],
  order: {
    type: { const: 'pos' },
    sourceStatus: optional('type', TRIM),
    payment: { const: 'paid' },
    fulfilment: { const: 'shipped' },
    closed: { const: 'true' },
    paymentMethod: optional('tender', TRIM),
    placedAt: column('sold_at', TRIM, YEAR_FIRST),
    displayNo: optional('receipt_no', TRIM),
    refundOf: optional('original_receipt', TRIM),
    total: optional('total', TRIM, DIGITS, DECIMAL),
  },
  line: {
    channelLineNo: optional('line_no', TRIM),
    channelSku: column('sku', TRIM),
    barcode: optional('barcode', TRIM),
    title: optional('title', TRIM),
    quantity: column('quantity', TRIM, DIGITS, DECIMAL),
    unitPrice: column('unit_price', TRIM, DIGITS, DECIMAL),
    discount: optional('discount', TRIM, DIGITS, DECIMAL),
  },
  extra: { store: optional('store', TRIM), terminal: optional('terminal', TRIM) },
  rules: [
    { name: 'training-receipt', when: [{ column: 'type', is: 'equals', values: ['training', 'void'] }], then: 'ignore' },
    { name: 'return-receipt', when: [{ column: 'type', is: 'equals', values: ['return', 'refund'] }], then: 'return' },
    { name: 'returned-goods', when: [{ column: 'quantity', is: 'negative' }], rows: 'every', then: 'return' },
  ],
}

const ordersZh = {
  title: '订单表（一行一个商品）',
  timezone: 'Asia/Shanghai',
  currency: 'CNY',
  documentKey: ['订单编号'],
  order: {
    type: { const: 'normal' },
    sourceStatus: column('订单状态', TRIM),
    payment: column('订单状态', TRIM, {
      op: 'lookup',
      table: {
        待付款: 'pending',
        已付款: 'paid',
        待发货: 'paid',
        已发货: 'paid',
        已完成: 'paid',
        交易成功: 'paid',
        已关闭: 'voided',
        已取消: 'voided',
      },
    }),
    fulfilment: column('订单状态', TRIM, {
      op: 'lookup',
      table: {
        已发货: 'shipped',
        已完成: 'delivered',
        交易成功: 'delivered',
        待付款: 'unallocated',
        已付款: 'unallocated',
        待发货: 'unallocated',
        已关闭: 'unallocated',
        已取消: 'unallocated',
      },
    }),
    cancelled: column('订单状态', TRIM, {
      op: 'lookup',
      table: {
        已关闭: 'true',
        已取消: 'true',
        待付款: 'false',
        已付款: 'false',
        待发货: 'false',
        已发货: 'false',
        已完成: 'false',
        交易成功: 'false',
      },
    }),
    placedAt: column('下单时间', TRIM, YEAR_FIRST),
    shipping: optional('运费', TRIM, DIGITS, DECIMAL),
    discount: optional('优惠', TRIM, DIGITS, DECIMAL),
    total: optional('实付金额', TRIM, DIGITS, DECIMAL),
    buyerNote: optional('买家留言', TRIM),
    'recipient.name': optional('收货人', TRIM),
    'recipient.phone': optional('手机', TRIM, DIGITS),
    'recipient.country': { const: 'CN' },
    'recipient.province': optional('省', TRIM),
    'recipient.city': optional('市', TRIM),
    'recipient.district': optional('区', TRIM),
    'recipient.address': optional('详细地址', TRIM),
  },
  line: {
    channelSku: column('商品编码', TRIM),
    title: optional('商品名称', TRIM),
    options: optional('规格', TRIM),
    quantity: column('数量', TRIM, DIGITS, DECIMAL),
    unitPrice: column('单价', TRIM, DIGITS, DECIMAL),
  },
}

const SOURCES: Readonly<Record<string, object>> = {
  'uci-online-retail': uciOnlineRetail,
  'generic-orders': genericOrders,
  'pos-receipts': posReceipts,
  'orders-zh': ordersZh,
}

/** Ready-made field maps by name. */
export const FIELD_MAP_PRESETS = ['uci-online-retail', 'generic-orders', 'pos-receipts', 'orders-zh'] as const
const parsed = new Map<string, FieldMap>()

/** A preset by name or a field map as data. Throws DomainError(`field-map-invalid`). */
export function resolveFieldMap(value: unknown): FieldMap {
  if (typeof value !== 'string') return parseFieldMap(value)
  const known = parsed.get(value)
  if (known !== undefined) return known
  const source = SOURCES[value]
  if (source === undefined)
    throw new DomainError('field-map-invalid', `There is no field map called "${value}". Known: ${FIELD_MAP_PRESETS.join(', ')}.`, {})
  const map = parseFieldMap(source)
  parsed.set(value, map)
  return map
}

/** The field map in a connection's settings. */
export const connectionFieldMap = (config: Readonly<Record<string, unknown>>): FieldMap => resolveFieldMap(config['fieldMap'] ?? 'generic-orders')
