import type pg from 'pg'

/** How one shipment or cancel effect goes on. */
export interface EffectVerdict {
  readonly effectId: number
  /** pending = for certain not applied: send it after `notBefore`. unknown = read back after `notBefore`. */
  readonly state: 'done' | 'refused' | 'pending' | 'unknown'
  readonly notBefore?: Date | undefined
  readonly faultKind?: string | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly proof?: Readonly<Record<string, string>> | undefined
}
export interface SettledEffect {
  readonly id: number
  readonly kind: 'shipment' | 'cancel'
  readonly order_id: number
  readonly tracking_no: string | null
  readonly carrier?: string | null
  readonly decision: 'accept' | 'reject' | null
}

/** Writes one verdict with its place in the effect's history; undefined when the effect was settled meanwhile. */
export async function settleEffect(client: pg.ClientBase, verdict: EffectVerdict, now: Date): Promise<SettledEffect | undefined> {
  const { rows } = await client.query<SettledEffect>(
    `update effects e set state = $2, fault_kind = $3, code = $4, message = $5, proof = coalesce($6::json, e.proof), not_before = coalesce($7, e.not_before),
       settled_at = case when $2 in ('done', 'refused') then $8::timestamptz end,
       history = (e.history::jsonb || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('at', $8::timestamptz, 'state', $2::text, 'code', $4::text, 'message', $5::text))))::json
     where e.id = $1 and e.kind <> 'stock' and e.state in ('sending', 'unknown')
     returning e.id, e.kind, e.order_id, (select tracking_no from shipments s where s.id = e.shipment_id) as tracking_no,
       (select carrier from shipments s where s.id = e.shipment_id) as carrier, e.intent ->> 'decision' as decision`,
    [
      verdict.effectId,
      verdict.state,
      verdict.faultKind ?? null,
      verdict.code ?? null,
      verdict.message?.slice(0, 500) ?? null,
      verdict.proof ? JSON.stringify(verdict.proof) : null,
      verdict.notBefore ?? null,
      now,
    ],
  )
  return rows[0]
}

/** What the channel's answer means for the order: the timeline fact and the sync axis, derived from all its effects. */
export async function noteSettled(client: pg.ClientBase, effect: SettledEffect, state: EffectVerdict['state'], now: Date): Promise<void> {
  if (state === 'done') {
    const code = effect.kind === 'shipment' ? 'channel_confirmed' : effect.decision === 'accept' ? 'cancel_accepted' : 'cancel_rejected'
    await client.query(`insert into order_facts (order_id, code, at, source, ref) values ($1, $2, $3, 'channel', $4) on conflict do nothing`, [
      effect.order_id,
      code,
      now,
      effect.tracking_no,
    ])
  }
  await client.query(
    `update orders o set sync = case
       when exists (select 1 from effects e where e.order_id = o.id and e.state = 'unknown') then 'in_doubt'
       when exists (select 1 from effects e where e.order_id = o.id and e.state = 'refused') then 'writeback_failed'
       when exists (select 1 from effects e where e.order_id = o.id and e.state in ('pending', 'sending')) then 'writeback_pending'
       else 'current' end where o.id = $1`,
    [effect.order_id],
  )
}

/** Asks for the order to be read again: the answer settles what is in doubt. */
export async function enqueueFetch(client: pg.ClientBase | pg.Pool, orderId: number, reason: string, notBefore: Date): Promise<void> {
  await client.query(
    `insert into fetch_queue (connection_id, kind, external_id, reason, not_before)
     select connection_id, 'order', external_id, $2, $3 from orders where id = $1
     on conflict (connection_id, kind, external_id) do update set reason = excluded.reason, requested_at = now(), not_before = least(fetch_queue.not_before, excluded.not_before)`,
    [orderId, reason, notBefore],
  )
}
