import type pg from 'pg'

/** How one stock effect ends, or goes on being in doubt. */
export interface StockVerdict {
  readonly effectId: number
  /** done = the channel has it · refused = a person must look · not-sent = for certain not applied, plan it again ·
   * superseded = settled by reading: the channel shows `shown`, plan it again · unknown = read back after `notBefore`. */
  readonly verdict: 'done' | 'refused' | 'not-sent' | 'superseded' | 'unknown'
  readonly shown?: number | undefined
  readonly faultKind?: string | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly proof?: Readonly<Record<string, string>> | undefined
  readonly notBefore?: Date | undefined
}

/** Written so that no index but that of the id fits: all open writes of the connection would be read for each. */
const OPEN_STOCK = `e.connection_id || '' = $1 and e.kind || '' = 'stock' and case e.state when 'sending' then true when 'unknown' then true else false end`

const SQL = `
with x as materialized (
  select * from json_to_recordset($2::json) x(effect_id bigint, verdict text, shown numeric, fault_kind text, code text, message text, proof json, not_before timestamptz)
), settled as (
  update effects e set
    state = case x.verdict when 'done' then 'done' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'cancelled' end,
    fault_kind = x.fault_kind, code = coalesce(x.code, case when x.verdict in ('not-sent', 'superseded') then x.verdict end), message = x.message,
    proof = coalesce(x.proof, e.proof), not_before = coalesce(x.not_before, e.not_before),
    settled_at = case when x.verdict = 'unknown' then null else $3::timestamptz end
  from x where e.id = x.effect_id and ${OPEN_STOCK}
  returning e.id, e.listing_key, (e.intent ->> 'quantity')::int as quantity, x.verdict, x.shown, x.message
), told as (
  update listings l set
    push_state = case s.verdict when 'done' then 'idle' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'pending' end,
    push_message = case when s.verdict in ('refused', 'unknown', 'not-sent') then s.message end,
    push_attempts = case when s.verdict = 'done' then 0 else l.push_attempts end,
    confirmed = case s.verdict when 'done' then s.quantity when 'superseded' then ceil(s.shown) else l.confirmed end,
    confirmed_at = case when s.verdict in ('done', 'superseded') then $3 else l.confirmed_at end,
    shown = case when l.shown is null then null when s.verdict = 'done' then s.quantity when s.verdict = 'superseded' then s.shown else l.shown end,
    shown_at = case when s.verdict in ('done', 'superseded') then $3 else l.shown_at end
  from settled s where l.connection_id = $1 and l.listing_key = s.listing_key
), again as (
  insert into listing_dirty (connection_id, listing_key) select $1, listing_key from settled where verdict in ('not-sent', 'superseded') order by listing_key
  on conflict (connection_id, listing_key) do update set at = now()
)
select id, listing_key, verdict,
  exists (select 1 from failures f where f.connection_id = $1 and f.subject_kind = 'effect' and f.resolved_at is null) as faulty from settled order by id`

/** One write whose state was moved. */
export interface SettledStock {
  readonly id: number
  readonly listing_key: string
  readonly verdict: StockVerdict['verdict']
  /** Some write of this connection failed and nobody has seen to it: perhaps an earlier one of this listing. */
  readonly faulty: boolean
}

/**
 * Writes outcomes of one connection in one statement; what has to be planned again is marked. Effects that were settled meanwhile stay as they are;
 * the answer names those that moved.
 */
export async function settleStock(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  verdicts: readonly StockVerdict[],
  now: Date,
): Promise<readonly SettledStock[]> {
  if (verdicts.length === 0) return []
  const rows = verdicts.map((v) => ({
    effect_id: v.effectId,
    verdict: v.verdict,
    shown: v.shown ?? null,
    fault_kind: v.faultKind ?? null,
    code: v.code ?? null,
    message: v.message ?? null,
    proof: v.proof ?? null,
    not_before: v.notBefore?.toISOString() ?? null,
  }))
  const result = await client.query<SettledStock>(SQL, [connectionId, JSON.stringify(rows), now])
  return result.rows
}

/** Which of these writes are on the wire still, locked: a process that was given up for dead must not answer for the write that came after its own. */
export async function stillSending(client: pg.ClientBase, connectionId: string, effectIds: readonly number[]): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ id: number }>(
    `select id from effects where connection_id = $1 and id = any($2) and state = 'sending' order by id for update`,
    [connectionId, effectIds],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Earlier refused writes of these listings: the listing works again, so their failures are over. */
export async function refusedBefore(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  listingKeys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ subject_id: string }>(
    `select f.subject_id from failures f join effects e on e.id::text = f.subject_id
     where f.subject_kind = 'effect' and f.resolved_at is null and f.connection_id = $1 and e.kind = 'stock' and e.listing_key = any($2)`,
    [connectionId, listingKeys],
  )
  return rows.map((row) => row.subject_id)
}

/** A stock effect in doubt that may be read back now. */
export interface DoubtfulStock {
  readonly id: number
  readonly listing_key: string
  readonly ids: Readonly<Record<string, string>>
  readonly channel_sku: string
  readonly quantity: number
  readonly sent_at: string
}

export async function doubtfulStock(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  now: Date,
  limit: number,
): Promise<readonly DoubtfulStock[]> {
  const { rows } = await client.query<DoubtfulStock>(
    `select e.id, e.listing_key, l.ids, l.channel_sku, (e.intent ->> 'quantity')::int as quantity, e.sent_at
     from effects e join listings l on l.connection_id = e.connection_id and l.listing_key = e.listing_key
     where e.connection_id = $1 and e.kind = 'stock' and e.state = 'unknown' and e.not_before <= $2 order by e.not_before, e.id limit $3`,
    [connectionId, now, limit],
  )
  return rows
}

/**
 * A write that was on the wire when its process died never gets an answer: after the lease it is in doubt. Levels are
 * marked on their listings, too. Answers the listing of each, null for a package or decision.
 */
export async function expireLeases(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  sentBefore: Date,
  fenceSeconds: number,
): Promise<readonly (string | null)[]> {
  const { rows } = await client.query<{ listing_key: string | null }>(
    `with gone as (
       update effects set state = 'unknown', fault_kind = 'in-doubt', code = 'no-answer', message = 'The process that sent this ended before an answer came.', not_before = sent_at + make_interval(secs => $3)
       where connection_id = $1 and state = 'sending' and sent_at < $2 returning kind, listing_key),
     told as (
       update listings l set push_state = 'unknown', push_message = 'no-answer' from gone g where g.kind = 'stock' and l.connection_id = $1 and l.listing_key = g.listing_key)
     select listing_key from gone`,
    [connectionId, sentBefore, fenceSeconds],
  )
  return rows.map((row) => row.listing_key)
}
