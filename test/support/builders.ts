import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Mapping } from '../../src/core/mapping.ts'
import { MappingError } from '../../src/core/fault.ts'
import type { Order } from '../../src/core/order.ts'
import type { IncomingRaw, IngestDeps } from '../../src/normalize/ingest.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'

/** A document of the plain test channel: small, but with every part the store writes. */
export interface PlainDocument {
  readonly no: string
  readonly at: string
  /** When it was placed; long ago without it. */
  readonly placed?: string
  readonly total?: number
  readonly qty?: number
  readonly sku?: string
  readonly lines?: number
  readonly status?: 'open' | 'cancelled' | 'shipped' | 'cancel-request'
  readonly city?: string
  readonly note?: string
}

const money = (minor: number): { minor: number; currency: string } => ({ minor, currency: 'CNY' })

/** Canonical order of a plain document. */
export function plainOrder(doc: PlainDocument): Order {
  const unit = doc.total ?? 1000
  const count = doc.lines ?? 1
  const total = money(unit * count)
  const zero = money(0)
  return {
    channelOrderNo: doc.no,
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: doc.status ?? 'open',
    payment: 'paid',
    fulfilment: doc.status === 'shipped' ? 'shipped' : 'unallocated',
    afterSale: 'none',
    ...(doc.status === 'cancelled' && { cancelled: { by: 'buyer' as const } }),
    ...(doc.status === 'cancel-request' && { cancelRequest: { id: 'r1' } }),
    closed: false,
    placedAt: doc.placed ?? '2026-11-01T00:00:00Z',
    paidAt: '2026-11-01T00:01:00Z',
    sourceUpdatedAt: doc.at,
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: 'CNY',
    taxIncluded: true,
    totals: {
      items: total,
      discount: zero,
      unallocatedDiscount: zero,
      shipping: zero,
      shippingDiscount: zero,
      fees: zero,
      duties: zero,
      tax: zero,
      rounding: zero,
      total,
      paid: total,
      refunded: zero,
    },
    lines: Array.from({ length: count }, (_, i) => ({
      lineNo: i + 1,
      channelLineNo: `${i + 1}`,
      channelSku: doc.sku ?? 'TEA',
      listingKey: `L-${doc.sku ?? 'TEA'}`,
      title: 'Tea',
      quantity: String(doc.qty ?? 1),
      cancelled: '0',
      shipped: '0',
      unitPrice: '10',
      gross: money(unit),
      discount: zero,
      net: money(unit),
      tax: zero,
      role: 'single' as const,
    })),
    discounts: [],
    payments: [],
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    recipient: { name: '王小明', phone: '13800138000', address: doc.city ?? '文三路 100 号', city: '杭州市', country: 'CN' },
    isCod: false,
    couponCodes: [],
    extra: doc.note ? { note: doc.note } : {},
  }
}

/** Reads plain documents; a document without a number is held, a status "boom" crashes. */
export const plainMapping: Mapping = {
  channel: 'plain',
  version: 1,
  map: (raw) => {
    if (typeof raw.doc !== 'object' || raw.doc === null || !('no' in raw.doc))
      throw new MappingError('order-unreadable', 'The document has no number.')
    const doc = raw.doc as PlainDocument & { readonly boom?: boolean }
    if (doc.boom) throw new TypeError('boom')
    return { kind: 'order', order: plainOrder(doc) }
  },
}

export interface TestHub extends IngestDeps {
  readonly context: ConnectionContext
  close(): Promise<void>
}

/** A hub's store with one connection of the plain channel, over a database of `freshDatabase`. */
export async function testHub(databaseUrl: string, connectionId = 'c_plain'): Promise<TestHub> {
  const pool = createPool(databaseUrl)
  await pool.query(`insert into connections (id, channel, name, timezone) values ($1, 'plain', $1, 'Asia/Shanghai') on conflict do nothing`, [
    connectionId,
  ])
  const box = new SecretBox(randomBytes(32))
  return {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['plain', plainMapping]]),
    now: () => new Date(),
    context: { connectionId, channel: 'plain', timezone: 'Asia/Shanghai', currency: 'CNY', config: {}, sandbox: false },
    close: () => pool.end(),
  }
}

/** One plain document as it arrives: an authoritative poll unless said otherwise. */
export function incoming(doc: PlainDocument, over: Partial<IncomingRaw> = {}): IncomingRaw {
  const at = over.readStartedAt ?? new Date().toISOString()
  return {
    record: { kind: 'order', externalId: doc.no, sourceTime: doc.at, payload: JSON.stringify(doc) },
    source: 'poll',
    receivedAt: at,
    readStartedAt: at,
    authoritative: true,
    ...over,
  }
}

/** A SKU with stock on hand. */
export async function stockOf(pool: pg.Pool, sku: string, onHand: number): Promise<void> {
  await pool.query('insert into skus (sku) values ($1) on conflict do nothing', [sku])
  await pool.query(
    `insert into stock (sku, location, on_hand) values ($1, 'main', $2) on conflict (sku, location) do update set on_hand = excluded.on_hand`,
    [sku, onHand],
  )
}
