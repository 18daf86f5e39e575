import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pullRound } from '../../../src/activities/pull.ts'
import { pushStock, type PushDeps } from '../../../src/activities/push.ts'
import type { Mapping } from '../../../src/core/mapping.ts'
import { armPreview } from '../../../src/deliver/arm.ts'
import { planStockPush } from '../../../src/deliver/push-stock.ts'
import { recordStockOutcomes } from '../../../src/deliver/record-levels.ts'
import { expireSending } from '../../../src/deliver/settle-stock.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { ingest } from '../../../src/normalize/ingest.ts'
import { bindListings } from '../../../src/store/edit/bind-listings.ts'
import { openHub, type PromiseHub } from '../../promises/open-hub.ts'
import { PlainChannel } from '../../promises/plain-channel.ts'
import { incoming, plainMapping, plainOrder, type PlainDocument } from '../../support/builders.ts'

interface Piece {
  readonly no?: string
  readonly listing: string
  readonly sku?: string
  readonly qty: number
}
interface Document extends PlainDocument {
  readonly pieces?: readonly Piece[]
}

/** Placed when it says so; its lines name listings. */
const mapping: Mapping = {
  ...plainMapping,
  map: (raw, context) => {
    const mapped = plainMapping.map(raw, context)
    const doc = raw.doc as Document
    if (mapped.kind !== 'order') return mapped
    const order = plainOrder({ ...doc, lines: doc.pieces?.length ?? 1 })
    const lines = order.lines.map((line, i) => {
      const piece = doc.pieces?.[i]
      return piece
        ? {
            ...line,
            listingKey: piece.listing,
            channelSku: piece.sku ?? piece.listing,
            quantity: String(piece.qty),
            channelLineNo: piece.no ?? line.channelLineNo,
          }
        : line
    })
    return { ...mapped, order: { ...order, lines, placedAt: doc.at, paidAt: doc.at } }
  },
}

let hub: PromiseHub
let deps: PushDeps
let clock = Date.parse('2026-11-10T16:00:00Z')
const channels = new Map<string, PlainChannel>()
const signal = new AbortController().signal
const LANDING = { skewSeconds: 10, tMaxSeconds: 50 }

beforeAll(async () => {
  const opened = await openHub()
  hub = { ...opened, mappings: new Map([['plain', mapping]]) }
  const now = (): Date => new Date(clock)
  deps = { ...hub, now, open: async (id) => channelOf(id).open(await hub.contextOf(id), now) }
})
afterAll(() => hub.close())

const channelOf = (id: string): PlainChannel => channels.get(id) ?? new PlainChannel()
const iso = (seconds = 0): string => new Date(clock + seconds * 1000).toISOString()
let serial = 0

/** Goods of their own, sold by connections under quota; what each shows is in its books. */
async function goods(onHand: number, ...units: readonly number[]): Promise<{ readonly sku: string; readonly ids: readonly string[] }> {
  const sku = `Q${(serial += 1)}`
  await hub.pool.query('insert into skus (sku) values ($1)', [sku])
  const ids = units.map((_, i) => `${sku.toLowerCase()}_${i}`)
  for (const [i, id] of ids.entries()) {
    const channel = new PlainChannel()
    channel.shelf.set(sku, units[i] ?? 0)
    channels.set(id, channel)
    await hub.pool.query(`insert into connections (id, channel, name, armed_stock, stock_mode) values ($1, 'plain', $1, true, 'quota')`, [id])
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, $2, $2, $2, $2, 'code', $3)`,
      [id, sku, units[i]],
    )
    await hub.pool.query(
      `insert into escrows (connection_id, listing_key, sku, units, since, restocks, checked_at) values ($1, $2, $2, $3, $4, true, $5)`,
      [id, sku, units[i], iso(-3600), iso()],
    )
    await hub.pool.query(`insert into escrow_watermarks values ($1, $2)`, [id, iso(-60)])
    await hub.pool.query(`insert into streams (connection_id, stream, watermark) values ($1, 'orders', $2)`, [id, iso(-60)])
  }
  await setStock({ pool: hub.pool, actor: 'test', now: new Date(clock) }, [{ sku, location: 'main', onHand: String(onHand) }])
  return { sku, ids }
}
const books = async (sku: string) => {
  const [row] = await hub.rows<{ on_hand: number; reserved: number; free: number; units: readonly number[] }>(
    `select on_hand::int, reserved::int, stock_free(sku)::int as free,
            (select array_agg(units::int order by connection_id, listing_key) from escrows e where e.sku = s.sku) as units from stock s where sku = $1`,
    [sku],
  )
  return row
}
const take = async (id: string, ...docs: readonly Document[]): Promise<void> => {
  for (const doc of docs) await ingest(hub, await hub.contextOf(id), [incoming(doc)])
}
const pull = (id: string): Promise<unknown> => pullRound(deps, id, { signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
const first = (ids: readonly string[]): string => ids[0] ?? ''

describe('what orders do to the units of a listing', () => {
  it('counts edits by their difference: pieces taken off and lines that vanish come back to a shelf that gets them back', async () => {
    const { sku, ids } = await goods(10, 8)
    const order = (at: number, ...pieces: readonly Piece[]): Document => ({ no: 'E1', at: iso(at), pieces })
    await take(first(ids), order(1, { listing: sku, qty: 3 }, { listing: sku, qty: 2 }))
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 5, free: 2, units: [3] })
    await take(first(ids), order(2, { listing: sku, qty: 1 }, { listing: sku, qty: 2 }))
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 3, free: 2, units: [5] })
    await take(first(ids), order(3, { listing: sku, qty: 1 }))
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 1, free: 2, units: [7] })
    await take(first(ids), { ...order(4, { listing: sku, qty: 1 }), status: 'cancelled' })
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 0, free: 2, units: [8] })
  })

  it('gives nobody a unit while a shop sold beyond what it shows, until that shop was read', async () => {
    const { sku, ids } = await goods(12, 0, 0)
    await take(first(ids), { no: 'O1', at: iso(1), pieces: [{ listing: sku, qty: 12 }] })
    expect(await books(sku)).toEqual({ on_hand: 12, reserved: 12, free: 12, units: [-12, 0] })
    const dirty = (): Promise<unknown> => hub.pool.query('insert into listing_dirty select unnest($1::text[]), $2 on conflict do nothing', [ids, sku])
    const planned = async (): Promise<readonly number[]> => {
      const writes: number[] = []
      for (const id of ids) writes.push((await planStockPush({ pool: hub.pool, now: new Date(clock) }, id, 50, LANDING)).writes.length)
      return writes
    }
    await dirty()
    await setStock({ pool: hub.pool, actor: 'test', now: new Date(clock) }, [{ sku, location: 'main', onHand: '16' }])
    expect(await planned()).toEqual([0, 0])
    for (let i = 0; i < 3; i += 1) {
      clock += 60_000
      await pull(first(ids))
      await pushStock(deps, first(ids), signal)
    }
    expect(await books(sku)).toEqual({ on_hand: 16, reserved: 12, free: 0, units: [4, 0] })
    expect(channelOf(first(ids)).shelf.get(sku)).toBe(4)
  })

  it('counts lines under new numbers once', async () => {
    const { sku, ids } = await goods(10, 8)
    await take(first(ids), { no: 'N1', at: iso(1), pieces: [{ no: 'a', listing: sku, qty: 2 }] })
    await take(first(ids), { no: 'N1', at: iso(2), pieces: [{ no: 'b', listing: sku, qty: 2 }] })
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 2, free: 2, units: [6] })
  })

  it('lets goods leave the shelf that were shipped before anybody heard of their order', async () => {
    const { sku, ids } = await goods(10, 8)
    await take(first(ids), { no: 'S1', at: iso(1), status: 'shipped', pieces: [{ listing: sku, qty: 3 }] })
    expect(await books(sku)).toEqual({ on_hand: 7, reserved: 0, free: 2, units: [5] })
    await take(first(ids), { no: 'S0', at: iso(-7200), status: 'shipped', pieces: [{ listing: sku, qty: 3 }] })
    expect(await books(sku)).toEqual({ on_hand: 7, reserved: 0, free: 2, units: [5] })
  })

  it('takes nothing from a listing that another listing of the same goods sold', async () => {
    const { sku, ids } = await goods(10, 4)
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound) values ($1, $2 || '-b', $2, $2, $2, 'person')`,
      [first(ids), sku],
    )
    await take(first(ids), { no: 'B1', at: iso(1), pieces: [{ listing: `${sku}-b`, qty: 1 }] })
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 1, free: 5, units: [4] })
  })

  it('leaves pieces of a line without a SKU with the listing until it is bound', async () => {
    const { sku, ids } = await goods(10, 8)
    await bindListings(hub.pool, [{ connection: first(ids), listing_key: sku, sku: null, ignore: false }], 'test')
    await take(first(ids), { no: 'U1', at: iso(1), pieces: [{ listing: sku, sku: 'nobody-knows', qty: 2 }] })
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 0, free: 2, units: [8] })
    await bindListings(hub.pool, [{ connection: first(ids), listing_key: sku, sku, ignore: false }], 'test')
    await take(first(ids), { no: 'U1', at: iso(2), pieces: [{ listing: sku, sku: 'nobody-knows', qty: 2 }] })
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 2, free: 2, units: [6] })
  })

  it('holds an order that is taken by hand when every piece is on some shelf, and not the one a shelf sold', async () => {
    const { sku, ids } = await goods(3, 2)
    const piece = { listing: `elsewhere-${sku}`, sku, qty: 1 }
    await take('c_plain', { no: `${sku}-1`, at: iso(1), pieces: [piece] }, { no: `${sku}-2`, at: iso(1), pieces: [piece] })
    await take(first(ids), { no: `${sku}-3`, at: iso(1), pieces: [{ listing: sku, qty: 1 }] })
    expect(
      await hub.rows(
        'select channel_order_no, approval, (select code from holds h where h.order_id = o.id) as code from orders o where channel_order_no like $1 order by 1',
        [`${sku}-%`],
      ),
    ).toEqual([
      { channel_order_no: `${sku}-1`, approval: 'approved', code: null },
      { channel_order_no: `${sku}-2`, approval: 'held', code: 'stock-short' },
      { channel_order_no: `${sku}-3`, approval: 'approved', code: null },
    ])
    // What was approved before does not wait again, however little is left.
    await take('c_plain', { no: `${sku}-1`, at: iso(8), note: 'again', pieces: [piece] })
    expect(await hub.value(`select approval from orders where channel_order_no = $1`, [`${sku}-1`])).toBe('approved')
    // It comes again, and still waits for a person.
    await take('c_plain', { no: `${sku}-2`, at: iso(9), note: 'again', pieces: [piece] })
    expect(await hub.value(`select approval from orders where channel_order_no = $1`, [`${sku}-2`])).toBe('held')
  })

  it('holds an order taken elsewhere in another form too: a carton of pieces that shelves may sell, and pieces of cartons they may sell', async () => {
    const [pieces, cartons] = [await goods(3, 2), await goods(0, 2)]
    const [box, part] = [`${pieces.sku}-BOX`, `${cartons.sku}-PART`]
    await hub.pool.query('insert into skus (sku) values ($1), ($2)', [box, part])
    await hub.pool.query('delete from stock where sku = $1', [cartons.sku])
    await hub.pool.query('insert into bundle_parts values ($1, $2, 2), ($3, $4, 0.5)', [box, pieces.sku, cartons.sku, part])
    await setStock({ pool: hub.pool, actor: 'test', now: new Date(clock) }, [{ sku: part, location: 'main', onHand: '1.25' }])
    const by = (no: string, sku: string, qty: number) => take('c_plain', { no, at: iso(1), pieces: [{ listing: `elsewhere-${no}`, sku, qty }] })
    await by(`${box}-1`, box, 1)
    await by(`${part}-1`, part, 0.25)
    await by(`${part}-2`, part, 0.125)
    const held = await hub.rows<{ no: string }>(
      `select o.channel_order_no as no from orders o join holds h on h.order_id = o.id and h.code = 'stock-short' where o.channel_order_no like $1 or o.channel_order_no like $2 order by 1`,
      [`${pieces.sku}-%`, `${cartons.sku}-%`],
    )
    expect(held).toEqual([{ no: `${box}-1` }, { no: `${part}-2` }])
  })

  it('keeps parts of a piece that were sold and that are shown, and gives nobody a whole one for them', async () => {
    const { sku, ids } = await goods(4, 3, 0)
    const [id] = [first(ids)]
    await take(id, { no: `${sku}-1`, at: iso(1), pieces: [{ listing: sku, qty: 0.75 }] })
    channelOf(id).shelf.set(sku, 2.25)
    const exact = () =>
      hub.rows(
        `select trim_scale(units)::text as units, trim_scale(stock_free(sku))::text as free from escrows where sku = $1 order by connection_id`,
        [sku],
      )
    expect(await exact()).toEqual([{ units: '2.25', free: '1' }, { units: '0', free: '1' }]) // prettier-ignore
    for (let i = 0; i < 8; i += 1) {
      clock += 60_000
      for (const each of ids) {
        await pull(each)
        await pushStock(deps, each, signal)
      }
      const shown = ids.map((each) => channelOf(each).shelf.get(sku) ?? 0).reduce((sum, one) => sum + one, 0)
      expect(shown).toBeLessThanOrEqual(3.25)
    }
    // It was read and reckoned with: the part that was sold is in nobody's books twice.
    expect(await exact()).toEqual([{ units: '2.25', free: '1' }, { units: '0', free: '1' }]) // prettier-ignore
    expect(await hub.value(`select count(*)::int from stock_signs where sku = $1`, [sku])).toBe(0)
    expect(await hub.value(`select bool_and(checked_at > $2) from escrows where sku = $1`, [sku, iso(-400)])).toBe(true)
  })
})

describe('writes', () => {
  it('fences a write in doubt from its answer on: it may have been sent long after it was planned', async () => {
    const { sku, ids } = await goods(10, 0)
    await hub.pool.query('insert into listing_dirty values ($1, $2) on conflict do nothing', [first(ids), sku])
    const plan = await planStockPush({ pool: hub.pool, now: new Date(clock) }, first(ids), 50, LANDING)
    expect(plan.writes).toHaveLength(1)
    const answered = new Date(clock + 200_000)
    await recordStockOutcomes({ pool: hub.pool, now: answered }, { connectionId: first(ids), writes: plan.writes, ...LANDING }, [])
    expect(await hub.value<Date>('select fence from escrows where connection_id = $1', [first(ids)])).toEqual(
      new Date(answered.getTime() + 60_000).toISOString(),
    )
  })

  it('hears nothing from a process that was given up for dead: the write after its own is another', async () => {
    const { sku, ids } = await goods(10, 0)
    const connectionId = first(ids)
    const dirty = () => hub.pool.query('insert into listing_dirty values ($1, $2) on conflict do nothing', [connectionId, sku])
    await dirty()
    const dead = await planStockPush({ pool: hub.pool, now: new Date(clock) }, connectionId, 50, LANDING)
    const later = (seconds: number) => ({ pool: hub.pool, now: new Date(clock + seconds * 1000) })
    expect(await expireSending(later(301), connectionId, LANDING)).toBe(1)
    await hub.pool.query(`update effects set state = 'cancelled', settled_at = now() where connection_id = $1`, [connectionId])
    await hub.pool.query(`update listings set push_state = 'idle' where connection_id = $1`, [connectionId])
    await hub.pool.query(`update escrows set fence = null, units = 0 where connection_id = $1`, [connectionId])
    await dirty()
    const next = await planStockPush(later(400), connectionId, 50, LANDING)
    expect(next.writes).toHaveLength(1)
    const before = await books(sku)
    await recordStockOutcomes(later(410), { connectionId, writes: dead.writes, ...LANDING }, [
      { key: sku, status: 'refused', fault: { kind: 'refused', message: 'No.' } },
    ])
    expect(await books(sku)).toEqual(before)
    expect(await hub.value('select sending_at is not null from escrows where connection_id = $1', [connectionId])).toBe(true)
  })
})

describe('the reckoning', () => {
  const round = async (ids: readonly string[], times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      clock += 60_000
      for (const id of ids) {
        await pull(id)
        await pushStock(deps, id, signal)
      }
    }
  }

  it('finds a level that somebody else raised, and takes it back', async () => {
    const { sku, ids } = await goods(10, 4, 4)
    channelOf(first(ids)).shelf.set(sku, 50)
    await round(ids, 12)
    const shelves = ids.map((id) => channelOf(id).shelf.get(sku) ?? 0)
    expect(shelves.reduce((sum, shown) => sum + shown, 0)).toBeLessThanOrEqual(10)
    expect((await books(sku))?.free).toBeGreaterThanOrEqual(0)
    expect((await books(sku))?.units).toEqual(shelves)
  })

  it('waits while a document is held that may have sold something', async () => {
    const { sku, ids } = await goods(10, 8)
    const id = first(ids)
    channelOf(id).shelf.set(sku, 6)
    await hub.pool.query('update escrows set anchor = 6, anchor_from = $2, anchor_to = $3 where connection_id = $1', [id, iso(-20), iso()])
    const held: Document & { readonly boom?: boolean } = { no: 'H1', at: iso(600), boom: true, pieces: [{ listing: sku, qty: 2 }] }
    await take(id, held)
    await round(ids, 12)
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 0, free: 2, units: [8] })
    await take(id, { no: 'H1', at: iso(1), pieces: [{ listing: sku, qty: 2 }] })
    await round(ids, 1)
    expect((await books(sku))?.reserved).toBe(2)
  })

  it('moves the units of a listing to the SKU it is bound to now', async () => {
    const { sku, ids } = await goods(10, 8)
    const other = await goods(5)
    await bindListings(hub.pool, [{ connection: first(ids), listing_key: sku, sku: other.sku, ignore: false }], 'test')
    await pushStock(deps, first(ids), signal)
    expect(await books(sku)).toEqual({ on_hand: 10, reserved: 0, free: 10, units: null })
    expect((await books(other.sku))?.units).toHaveLength(1)
    await round(ids, 8)
    expect(channelOf(first(ids)).shelf.get(sku)).toBe(5)
    expect(await books(other.sku)).toEqual({ on_hand: 5, reserved: 0, free: 0, units: [5] })
  })

  it('knows what a frozen listing may sell, and gives nothing away before it was looked at', async () => {
    const { sku, ids } = await goods(10, 0, 7)
    const frozen = ids[1] ?? ''
    await hub.pool.query('delete from escrows where connection_id = $1', [frozen])
    await hub.pool.query('update listings set paused = true where connection_id = $1', [frozen])
    await pull(first(ids))
    await hub.pool.query('insert into listing_dirty values ($1, $2) on conflict do nothing', [first(ids), sku])
    await pushStock(deps, first(ids), signal)
    expect(channelOf(first(ids)).shelf.get(sku)).toBe(0)
    await round([...ids].reverse(), 8)
    expect(channelOf(frozen).shelf.get(sku)).toBe(7)
    expect(channelOf(first(ids)).shelf.get(sku)).toBe(3)
  })
})

describe('many at once', () => {
  it('orders of several SKUs, counts, levels and reckonings on all sides end, and the books close', async () => {
    const made = [await goods(500, 100, 100, 100), await goods(500, 100, 100, 100), await goods(500, 100, 100, 100)]
    const skus = made.map(({ sku }) => sku)
    const ids = made[0]?.ids ?? []
    // Every connection sells all three.
    for (const [i, one] of made.entries()) {
      if (i === 0) continue
      for (const [k, id] of one.ids.entries()) {
        channelOf(ids[k] ?? '').shelf.set(one.sku, 100)
        await hub.pool.query('update escrows set connection_id = $2 where connection_id = $1', [id, ids[k]])
        await hub.pool.query('update listings set connection_id = $2 where connection_id = $1', [id, ids[k]])
      }
    }
    let sold = 0
    const shopping = ids.map(async (id, k) => {
      for (let n = 0; n < 25; n += 1) {
        const order = [...skus.slice((n + k) % 3), ...skus.slice(0, (n + k) % 3)]
        for (const sku of order) channelOf(id).shelf.set(sku, (channelOf(id).shelf.get(sku) ?? 0) - 1)
        sold += 1
        channelOf(id).put({ no: `${id}-${n}`, at: iso(-30), pieces: order.map((sku) => ({ listing: sku, qty: 1 })) } as Document)
        await take(id, { no: `${id}-${n}`, at: iso(-30), pieces: order.map((sku) => ({ listing: sku, qty: 1 })) })
      }
    })
    const telling = ids.map(async (id) => {
      for (let n = 0; n < 15; n += 1) {
        clock += 7_000
        await hub.pool.query('insert into listing_dirty select $1, unnest($2::text[]) on conflict do nothing', [id, skus])
        await pull(id)
        await pushStock(deps, id, signal)
      }
    })
    const counting = Array.from({ length: 10 }, () =>
      setStock(
        { pool: hub.pool, actor: 'test', now: new Date(clock) },
        [...skus].reverse().map((sku) => ({ sku, location: 'main', onHand: '500' })),
      ),
    )
    await Promise.all([...shopping, ...telling, ...counting])
    for (const sku of skus) {
      const now = await books(sku)
      expect(now?.reserved).toBe(sold)
      const shown = ids.reduce((sum, id) => sum + (channelOf(id).shelf.get(sku) ?? 0), 0)
      expect(sold + shown).toBeLessThanOrEqual(500)
      expect((now?.units ?? []).reduce((sum, units) => sum + units, 0)).toBeGreaterThanOrEqual(shown)
    }
  })
})

describe('the preview of arming', () => {
  it('says what a listing with units of its own would be set to', async () => {
    const { sku, ids } = await goods(20, 2, 3)
    await hub.pool.query('delete from escrows where connection_id = $1', [first(ids)])
    await hub.pool.query('update connections set armed_stock = false where id = $1', [first(ids)])
    const preview = await armPreview(hub.pool, first(ids), 'stock', new Date(clock))
    expect(preview.items.map(({ listingKey, shown, wouldSet, change }) => ({ listingKey, shown, wouldSet, change }))).toEqual([
      { listingKey: sku, shown: '2', wouldSet: 10, change: 'raise' },
    ])
  })
})
