import type pg from 'pg'
import { distinctPlaces } from '../../../mappings/parts/places.ts'
import type { Mapping } from '../../../src/core/mapping.ts'
import type { Order } from '../../../src/core/order.ts'
import { overridesFrom } from '../../../src/core/overrides.ts'
import { ingest } from '../../../src/normalize/ingest.ts'
import { plainOrder, testHub, type TestHub } from '../../support/builders.ts'
import { freshDatabase } from '../../support/db.ts'

/** An order as a test wants it: lines by SKU, each with what is cancelled and shipped of it by the channel's word. */
export interface WorldOrder {
  readonly no: string
  readonly lines: readonly {
    readonly sku: string
    readonly quantity: number
    readonly cancelled?: number
    readonly shipped?: number
    /** The place of the channel that its goods are at, where the channel says so of each line. */
    readonly place?: string
  }[]
  readonly payment?: Order['payment']
  readonly fulfilment?: Order['fulfilment']
  readonly cancelled?: boolean
  readonly placedAt?: string
  /** Places of the channel it names. */
  readonly places?: readonly string[]
}

const mapping: Mapping = {
  channel: 'plain',
  places: {
    setting: 'home',
    of: (doc, { lines }) => {
      const order = doc as WorldOrder
      const ofLines = order.lines.flatMap(({ place: id }, i) =>
        id === undefined ? [] : [{ id, name: `Depot ${id}`, line: lines[i]?.channelLineNo }],
      )
      return ofLines.length > 0 ? distinctPlaces(ofLines) : (order.places ?? []).map((id) => ({ id, name: `Depot ${id}` }))
    },
  },
  version: 1,
  map: (raw) => {
    const doc = raw.doc as WorldOrder & { readonly at: string }
    const plain = plainOrder({ no: doc.no, at: doc.at, lines: doc.lines.length, ...(doc.cancelled && { status: 'cancelled' }) })
    return {
      kind: 'order',
      order: {
        ...plain,
        payment: doc.payment ?? 'paid',
        fulfilment: doc.fulfilment ?? 'unallocated',
        placedAt: doc.placedAt ?? plain.placedAt,
        lines: plain.lines.map((line, i) => ({
          ...line,
          channelSku: doc.lines[i]?.sku ?? '',
          listingKey: `L-${doc.lines[i]?.sku ?? ''}`,
          quantity: String(doc.lines[i]?.quantity ?? 0),
          cancelled: String(doc.lines[i]?.cancelled ?? 0),
          shipped: String(doc.lines[i]?.shipped ?? 0),
        })),
      },
    }
  },
}

export interface StockWorld {
  readonly hub: TestHub
  readonly pool: pg.Pool
  /** Takes the newest state of these orders, as one batch. */
  take(...orders: readonly WorldOrder[]): Promise<void>
  /** The same at another connection. */
  takeAt(connectionId: string, ...orders: readonly WorldOrder[]): Promise<void>
  /** Binds places of the channel to locations from now on; none where nothing is said. */
  bind(places?: Readonly<Record<string, string>>, home?: string): void
  idOf(no: string): Promise<number>
  rows<T>(sql: string, params?: readonly unknown[]): Promise<readonly T[]>
  /** "sku@location": "on hand/reserved" */
  shelves(): Promise<Readonly<Record<string, string>>>
  atp(sku: string, location?: string): Promise<number>
  close(): Promise<void>
}

/** A hub's store whose orders have any lines, with SKUs A, B, C. */
export async function stockWorld(): Promise<StockWorld> {
  const database = await freshDatabase()
  const hub = { ...(await testHub(database.url)), mappings: new Map([['plain', mapping]]) }
  const { pool } = hub
  let context = hub.context
  let tick = Date.parse('2026-11-20T08:00:00Z')
  await pool.query(`insert into skus (sku) values ('A'), ('B'), ('C')`)
  const rows = async <T>(sql: string, params: readonly unknown[] = []): Promise<readonly T[]> => (await pool.query(sql, [...params])).rows
  const takeAt = async (connectionId: string, ...orders: readonly WorldOrder[]): Promise<void> => {
    const at = new Date((tick += 1000)).toISOString()
    await ingest(
      hub,
      { ...context, connectionId },
      orders.map((order) => ({
        record: { kind: 'order' as const, externalId: order.no, sourceTime: at, payload: JSON.stringify({ ...order, at }) },
        source: 'poll' as const,
        receivedAt: at,
        readStartedAt: at,
        authoritative: true,
      })),
    )
  }
  return {
    hub,
    pool,
    rows,
    takeAt,
    take: (...orders) => takeAt(context.connectionId, ...orders),
    bind: (places, home) => {
      const rules = Object.entries(places ?? {}).map(([from, to], i) => ({ id: i + 1, kind: 'place' as const, field: '', entity: '', from, to }))
      const config = home === undefined ? {} : { home }
      context = places === undefined ? { ...hub.context, config } : { ...hub.context, config, overrides: overridesFrom(1, rules) }
    },
    idOf: async (no) => (await rows<{ id: number }>('select id from orders where channel_order_no = $1', [no]))[0]?.id ?? 0,
    shelves: async () =>
      Object.fromEntries(
        (
          await rows<{ at: string; n: string }>(
            `select sku || '@' || location as at, trim_scale(on_hand) || '/' || trim_scale(reserved) as n from stock where (on_hand, reserved) <> (0, 0) order by 1`,
          )
        ).map(({ at, n }) => [at, n]),
      ),
    atp: async (sku, location) =>
      Number(
        (
          await rows<{ n: string }>(location === undefined ? 'select stock_atp($1) as n' : 'select stock_atp($1, $2) as n', [
            sku,
            ...(location === undefined ? [] : [location]),
          ])
        )[0]?.n,
      ),
    close: async () => {
      await hub.close()
      await database.drop()
    },
  }
}

/** Numbers that contradict each other; empty when the books are right. */
export async function wrongBooks(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ wrong: string }>(
    `select s.sku || '@' || s.location || ' ' || x.what || ': row ' || x.stands || ', ledger ' || x.noted as wrong
     from stock s cross join lateral (select coalesce(sum(l.on_hand_delta), 0) as on_hand, coalesce(sum(l.reserved_delta), 0) as reserved, coalesce(sum(l.safety_delta), 0) as safety,
         coalesce(sum(l.held_delta), 0) as held from stock_ledger l where l.sku = s.sku and l.location = s.location) l
       cross join lateral (values ('on hand', s.on_hand, l.on_hand), ('reserved', s.reserved, l.reserved), ('safety', s.safety, l.safety), ('held', s.held, l.held)) x(what, stands, noted)
       where x.stands <> x.noted
     union all
     select s.sku || '@' || s.location || ' reserved ' || s.reserved || ', orders have ' || o.q from stock s cross join lateral (select
         coalesce((select sum(l.reserved) from order_lines l where l.sku = s.sku and l.location = s.location), 0)
       + coalesce((select sum(x.quantity) from line_stock x where x.sku = s.sku and x.location = s.location), 0) as q) o where s.reserved <> o.q
     union all
     select 'order ' || l.order_id || '/' || l.line_no || ' reserves ' || l.reserved || ', pieces of ' || p.sku || ': ' || p.q from order_lines l
       cross join lateral (select x.sku, sum(x.quantity) as q, max(x.per) as per from line_stock x where x.order_id = l.order_id and x.line_no = l.line_no group by 1) p
       where p.q <> l.reserved * p.per or l.location <> '*'
     union all
     select 'order ' || l.order_id || '/' || l.line_no || ' has no pieces' from order_lines l where l.location = '*' and l.reserved > 0
       and not exists (select 1 from line_stock x where x.order_id = l.order_id and x.line_no = l.line_no)
     union all
     select 'future of ' || l.sku || ': ledger ' || sum(l.future_delta) || ', arrivals ' || coalesce((select sum(a.quantity - a.received) from arrivals a where a.sku = l.sku and a.state = 'open'), 0)
       from stock_ledger l where l.future_delta is not null group by l.sku
       having sum(l.future_delta) <> coalesce((select sum(a.quantity - a.received) from arrivals a where a.sku = l.sku and a.state = 'open'), 0)`,
  )
  return rows.map((row) => row.wrong)
}
