import type pg from 'pg'

export interface RestockLine {
  readonly lineNo: number
  readonly quantity: string
}
export interface RestockTerms {
  readonly orderId: number
  readonly ref: string
  readonly location: string
  /** The pieces are put aside there instead of being sold again. */
  readonly held: boolean
  readonly actor: string
  readonly now: Date
}

/** What of each line left and did not come back yet, decimal text. Lines without goods or without a SKU are absent. */
export async function returnableLines(
  client: pg.ClientBase,
  orderId: number,
): Promise<ReadonlyMap<number, { readonly sku: string; readonly returnable: string }>> {
  const { rows } = await client.query<{ line_no: number; sku: string; returnable: string }>(
    `select l.line_no, l.sku, trim_scale(greatest(case when o.fulfilment in ('shipped', 'in_transit', 'delivered') then l.quantity - l.cancelled else l.shipped end,
         coalesce((select sum(sl.quantity) from shipments s join shipment_lines sl on sl.shipment_id = s.id where s.order_id = o.id and sl.line_no = l.line_no), 0))
       - coalesce((select sum(r.quantity) from restocks r where r.order_id = o.id and r.line_no = l.line_no), 0))::text as returnable
     from orders o join order_lines l on l.order_id = o.id where o.id = $1 and l.needs_goods and l.sku is not null`,
    [orderId],
  )
  return new Map(rows.map((row) => [row.line_no, row]))
}

export async function knownRestock(client: pg.ClientBase, orderId: number, ref: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from restocks where order_id = $1 and ref = $2 limit 1', [orderId, ref])
  return (rowCount ?? 0) > 0
}

/** The goods of some lines, bundles as their parts: the SKUs whose stock rows are to be locked. */
export async function goodsOf(client: pg.ClientBase, skus: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ sku: string }>(
    'select distinct g.sku from unnest($1::text[]) k(sku) cross join lateral stock_goods(k.sku) g(sku)',
    [skus],
  )
  return rows.map(({ sku }) => sku)
}

/** Goods that came back are on hand at that place again, a bundle as its parts; the caller has locked the stock rows. Answers their SKUs. */
export async function insertRestock(client: pg.ClientBase, terms: RestockTerms, lines: readonly RestockLine[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ sku: string }>(
    `with back as (
       insert into restocks (order_id, line_no, ref, location, quantity, held, created_by, at)
       select $1, x.line_no, $2, $3, x.quantity, $4, $7, $8 from unnest($5::int[], $6::numeric[]) x(line_no, quantity) order by 2 returning line_no, quantity),
     piece as (
       select coalesce(b.sku, l.sku) as sku, sum(back.quantity * coalesce(b.quantity, 1)) as q from back join order_lines l on l.order_id = $1 and l.line_no = back.line_no
         left join bundle_parts b on b.bundle = l.sku group by 1),
     moved as (
       update stock s set on_hand = s.on_hand + p.q, held = s.held + case when $4 then p.q else 0 end, updated_at = $8 from piece p where s.sku = p.sku and s.location = $3),
     noted as (
       insert into stock_ledger (sku, location, on_hand_delta, held_delta, cause, ref, at, actor)
       select sku, $3, q, case when $4 then q end, 'return', $1 || '/' || $2, $8, $7 from piece order by sku),
     fact as (
       insert into order_facts (order_id, code, at, source, ref) values ($1, 'restocked', $8, 'hub', $2) on conflict do nothing)
     select sku from piece order by sku`,
    [
      terms.orderId,
      terms.ref,
      terms.location,
      terms.held,
      lines.map((line) => line.lineNo),
      lines.map((line) => line.quantity),
      terms.actor,
      terms.now,
    ],
  )
  return rows.map(({ sku }) => sku)
}
