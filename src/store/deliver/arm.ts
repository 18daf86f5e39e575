import type pg from 'pg'

/** A listing as the preview sees it. */
export interface PreviewListing {
  readonly listing_key: string
  readonly channel_sku: string
  readonly title: string
  readonly sku: string | null
  readonly active: boolean
  readonly paused: boolean
  readonly shown: string | null
  readonly bound: string
}

export async function previewListings(client: pg.ClientBase | pg.Pool, connectionId: string): Promise<readonly PreviewListing[]> {
  const { rows } = await client.query<PreviewListing>(
    `select listing_key, channel_sku, title, sku, active, paused or exists (select 1 from skus k where k.sku = listings.sku and k.push_paused_at is not null) as paused,
            shown::text, bound
     from listings where connection_id = $1 order by listing_key collate "C"`,
    [connectionId],
  )
  return rows
}

/** A shipment or cancel decision that waits for arming. */
export interface WaitingEffect {
  readonly id: number
  readonly kind: string
  readonly channel_order_no: string
  readonly tracking_no: string | null
  readonly carrier_name: string | null
}

export async function waitingEffects(client: pg.ClientBase | pg.Pool, connectionId: string): Promise<readonly WaitingEffect[]> {
  const { rows } = await client.query<WaitingEffect>(
    `select e.id, e.kind, o.channel_order_no, s.tracking_no, s.carrier_name
     from effects e join orders o on o.id = e.order_id left join shipments s on s.id = e.shipment_id
     where e.connection_id = $1 and e.kind in ('shipment', 'cancel') and e.state = 'pending' order by e.id`,
    [connectionId],
  )
  return rows
}

/** Switches outbound writes of a connection; undefined leaves a switch as it is. */
export async function setArmed(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  armed: { readonly stock?: boolean; readonly shipments?: boolean },
  actor: string,
  now: Date,
): Promise<void> {
  await client.query(
    `update connections set armed_stock = coalesce($2, armed_stock), armed_shipments = coalesce($3, armed_shipments),
       armed_at = case when coalesce($2, false) or coalesce($3, false) then $5 else armed_at end,
       armed_by = case when coalesce($2, false) or coalesce($3, false) then $4 else armed_by end,
       version = version + 1, updated_at = $5 where id = $1`,
    [connectionId, armed.stock ?? null, armed.shipments ?? null, actor, now],
  )
}
