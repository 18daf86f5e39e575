import type pg from 'pg'

/** One effect, as people's actions on it need it. */
export interface EffectRow {
  readonly id: number
  readonly connection_id: string
  readonly kind: 'stock' | 'shipment' | 'cancel'
  readonly state: 'pending' | 'sending' | 'done' | 'refused' | 'unknown' | 'cancelled'
  readonly order_id: number | null
  readonly listing_key: string | null
  readonly intent: Readonly<Record<string, unknown>>
}

const EFFECT = 'select id, connection_id, kind, state, order_id, listing_key, intent'

/** Locked; a level on the wire or taken is a part of its call and has nothing of its own to lock. */
export async function lockEffect(client: pg.ClientBase, effectId: number): Promise<EffectRow | undefined> {
  const { rows } = await client.query<EffectRow>(`${EFFECT} from effects where id = $1 for update`, [effectId])
  return rows[0] ?? (await client.query<EffectRow>(`${EFFECT} from effect_numbered($1)`, [effectId])).rows[0]
}

/** A person's decision about an effect, kept in its history. */
export async function moveEffect(
  client: pg.ClientBase,
  effectId: number,
  state: EffectRow['state'],
  note: { readonly actor: string; readonly reason: string; readonly now: Date },
): Promise<void> {
  await client.query(
    `update effects set state = $2, not_before = $5, message = null, fault_kind = null, code = case when $2 = 'cancelled' then 'by-person' end,
       settled_at = case when $2 in ('cancelled', 'done') then $5::timestamptz end,
       history = (history::jsonb || jsonb_build_array(jsonb_build_object('at', $5::timestamptz, 'state', $2::text, 'by', $3::text, 'message', $4::text)))::json
     where id = $1`,
    [effectId, state, note.actor, note.reason.slice(0, 500), note.now],
  )
}

/** Reads an effect back as soon as possible. Answers false when it is not in doubt. */
export async function hastenReadBack(client: pg.ClientBase | pg.Pool, effectId: number, now: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `update effects set not_before = least(not_before, $2) where id = $1 and state = 'unknown' and kind <> 'stock'`,
    [effectId, now],
  )
  return rowCount === 1
}

export async function effectState(client: pg.ClientBase | pg.Pool, effectId: number): Promise<EffectRow['state'] | undefined> {
  const { rows } = await client.query<{ state: EffectRow['state'] }>('select state from effect_numbered($1)', [effectId])
  return rows[0]?.state
}

/** The open decision on an order's cancel request and the request itself. */
export async function cancelRequestOf(
  client: pg.ClientBase,
  orderId: number,
): Promise<{
  readonly requested: boolean
  readonly request_id: string | null
  readonly decided: { readonly id: number; readonly decision: 'accept' | 'reject'; readonly state: EffectRow['state'] } | null
}> {
  const { rows } = await client.query<{
    requested: boolean
    request_id: string | null
    decided: { id: number; decision: 'accept' | 'reject'; state: EffectRow['state'] } | null
  }>(
    `select o.cancel_requested as requested, o.doc -> 'cancel_request' ->> 'id' as request_id,
            (select json_build_object('id', e.id, 'decision', e.intent ->> 'decision', 'state', e.state) from effects e
             where e.order_id = o.id and e.kind = 'cancel' and e.state not in ('cancelled', 'refused')
               and e.intent ->> 'request_id' is not distinct from (o.doc -> 'cancel_request' ->> 'id') order by e.id desc limit 1) as decided
     from orders o where o.id = $1`,
    [orderId],
  )
  return rows[0] ?? { requested: false, request_id: null, decided: null }
}

export async function insertDecision(
  client: pg.ClientBase,
  decision: {
    readonly connectionId: string
    readonly orderId: number
    readonly key: string
    readonly intent: Readonly<Record<string, unknown>>
    readonly waits: string | undefined
    readonly now: Date
  },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into effects (connection_id, kind, idempotency_key, order_id, intent, message, not_before) values ($1, 'cancel', $2, $3, $4, $5, $6) returning id`,
    [decision.connectionId, decision.key, decision.orderId, JSON.stringify(decision.intent), decision.waits ?? null, decision.now],
  )
  return rows[0]?.id ?? 0
}

/**
 * Another carrier or number for a package the channel refused. The next sending has a key of its own, so that no channel
 * takes it for the one it refused. Answers the order, undefined where the effect is no refused package.
 */
export async function correctParcel(
  client: pg.ClientBase,
  effectId: number,
  parcel: { readonly carrier: string; readonly carrierName: string; readonly trackingNo: string; readonly trackingUrl: string | undefined },
): Promise<{ readonly order_id: number; readonly connection_id: string; readonly sandbox: boolean } | undefined> {
  const { rows } = await client.query<{ order_id: number; connection_id: string; sandbox: boolean }>(
    `with e as (
       update effects set idempotency_key = idempotency_key || '/' || (attempts + 1), intent = (intent::jsonb || jsonb_build_object('carrier', $2::text, 'tracking_no', $4::text))::json
       where id = $1 and kind = 'shipment' and state = 'refused' returning shipment_id),
     s as (update shipments set carrier = $2, carrier_name = $3, tracking_no = $4, tracking_url = $5 from e where shipments.id = e.shipment_id returning order_id)
     select o.id as order_id, o.connection_id, o.sandbox from orders o join s on s.order_id = o.id`,
    [effectId, parcel.carrier, parcel.carrierName, parcel.trackingNo, parcel.trackingUrl ?? null],
  )
  return rows[0]
}

/** Carrier and number of the package an effect tells of. */
export async function parcelOf(
  client: pg.ClientBase | pg.Pool,
  effectId: number,
): Promise<{ readonly carrier: string; readonly carrier_name: string; readonly tracking_no: string } | undefined> {
  const { rows } = await client.query<{ carrier: string; carrier_name: string; tracking_no: string }>(
    'select s.carrier, s.carrier_name, s.tracking_no from effects e join shipments s on s.id = e.shipment_id where e.id = $1',
    [effectId],
  )
  return rows[0]
}

/** Refused packages and decisions of a failure group, oldest first. */
export async function refusedInGroup(
  pool: pg.Pool,
  groupId: string,
  limit: number,
): Promise<readonly { readonly id: number; readonly connection_id: string }[]> {
  const { rows } = await pool.query<{ id: number; connection_id: string }>(
    `select e.id, e.connection_id from failures f join effects e on e.id = case when f.subject_kind = 'effect' then f.subject_id::bigint end
     where f.group_id = $1 and f.subject_kind = 'effect' and f.resolved_at is null and e.state = 'refused' order by e.id limit $2`,
    [groupId, limit],
  )
  return rows
}
