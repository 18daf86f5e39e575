import type { Db } from '../read/scope.ts'

/** A mail to a supplier, as people see it. */
export interface SupplyNotice {
  readonly id: string
  readonly state: 'waiting' | 'sending' | 'sent' | 'failed'
  readonly recipient: string
  readonly attempts: number
  /** What the mail server said last. */
  readonly answer: string | null
  readonly not_before: string
  readonly sent_at: string | null
  readonly created_by: string
}

/** The newest mail of a supply order `o`, as JSON; null = none was asked for. */
export const NEWEST_NOTICE = `(select json_build_object('id', n.id::text, 'state', n.state, 'recipient', n.recipient, 'attempts', n.attempts, 'answer', n.answer, 'not_before', n.not_before,
  'sent_at', n.sent_at, 'created_by', n.created_by) from supply_notices n where n.supply_order_id = o.id order by n.id desc limit 1)`

/** Mail accounts that can carry it: those of the alerts. */
export async function mailAccounts(db: Db): Promise<readonly { readonly id: string; readonly name: string; readonly from: string }[]> {
  const { rows } = await db.query<{ id: string; name: string; from: string }>(
    `select id, name, config ->> 'from' as from from alert_destinations where kind = 'email' and enabled order by name`,
  )
  return rows
}

/** Where the supplier reads mail: as it is now, else as it was when the order was placed. Undefined where there is no such order. */
export async function noticeRecipient(db: Db, orderId: string): Promise<string | null | undefined> {
  const { rows } = await db.query<{ email: string | null }>(
    'select coalesce(p.email, o.email) as email from supply_orders o left join suppliers p on p.id = o.supplier_id where o.id = $1',
    [orderId],
  )
  return rows[0]?.email
}

/**
 * Puts a mail down to be sent. False where one waits already, or the last one was sent and nobody said `again`. One that waits for another try is tried
 * at once, by the account and to the address that are named now.
 */
export async function queueNotice(
  db: Db,
  notice: {
    readonly orderId: string
    readonly destinationId: string
    readonly recipient: string
    readonly language: string
    readonly again: boolean
  },
  actor: string,
  now: Date,
): Promise<boolean> {
  const { rows } = await db.query<{ added: boolean }>(
    `insert into supply_notices (supply_order_id, destination_id, recipient, language, not_before, created_by, created_at)
     select $1, $2, $3, $4, $7, $6, $7 where $5 or (select n.state from supply_notices n where n.supply_order_id = $1 order by n.id desc limit 1) is distinct from 'sent'
     on conflict (supply_order_id) where state in ('waiting','sending') do update
       set not_before = excluded.not_before, destination_id = excluded.destination_id, recipient = excluded.recipient, language = excluded.language
       where supply_notices.state = 'waiting' and supply_notices.attempts > 0
     returning (xmax = 0) as added`,
    [notice.orderId, notice.destinationId, notice.recipient, notice.language, notice.again, actor, now],
  )
  return rows[0]?.added === true
}

/** One in the hands of the worker that claimed it. */
export interface ClaimedNotice {
  readonly id: string
  readonly supply_order_id: string
  /** Null = the mail account was removed. */
  readonly destination_id: string | null
  readonly recipient: string
  readonly language: string
  readonly attempts: number
  readonly created_by: string
}

/** A worker that was killed while sending leaves its mail to another after so long. */
const CLAIM_SECONDS = 120

/** Takes one that is due, the oldest first: nobody else sends it meanwhile. */
export async function claimNotice(db: Db, claim: string, now: Date): Promise<ClaimedNotice | undefined> {
  const { rows } = await db.query<ClaimedNotice>(
    `update supply_notices n set state = 'sending', claim = $1, claimed_until = $2::timestamptz + interval '${CLAIM_SECONDS} seconds', attempts = n.attempts + 1
     where n.id = (select id from supply_notices where state = 'waiting' and not_before <= $2 or state = 'sending' and claimed_until <= $2 order by id limit 1 for update skip locked)
     returning n.id::text, n.supply_order_id::text, n.destination_id, n.recipient, n.language, n.attempts, n.created_by`,
    [claim, now],
  )
  return rows[0]
}

export type NoticeOutcome =
  | { readonly state: 'sent' | 'failed'; readonly answer: string }
  /** To be sent later; what was not tried at all costs no attempt. */
  | { readonly state: 'waiting'; readonly answer: string | null; readonly notBefore: Date; readonly tried: boolean }

/** How a claimed mail went; once it is sent the supplier knows of the order. One that somebody else took over meanwhile is left to them. */
export async function settleNotice(
  db: Db,
  { id, supply_order_id: orderId, created_by: actor }: ClaimedNotice,
  claim: string,
  outcome: NoticeOutcome,
  now: Date,
): Promise<void> {
  const later = outcome.state === 'waiting' ? outcome : undefined
  await db.query(
    `with settled as (
       update supply_notices set state = $3, answer = coalesce($4, answer), claim = null, claimed_until = null, not_before = coalesce($5, not_before), attempts = attempts - $6::int,
         sent_at = case when $3 = 'sent' then $7::timestamptz end where id = $1 and claim = $2 and state = 'sending' returning state)
     update supply_orders set told_at = coalesce(told_at, $7), told_by = coalesce(told_by, $9) where id = $8 and exists (select 1 from settled where state = 'sent')`,
    [id, claim, outcome.state, outcome.answer, later?.notBefore ?? null, later && !later.tried ? 1 : 0, now, orderId, actor],
  )
}
