import type { FactValue } from '../../core/alert-facts.ts'
import type { Severity } from '../../core/alert-rules.ts'
import type { Db } from '../read/scope.ts'

/** One message in the hands of the worker that claimed it. */
export interface ClaimedMessage {
  readonly id: string
  readonly kind: 'open' | 'remind' | 'over'
  readonly attempts: number
  readonly incident_id: string
  readonly rule: { readonly name: string | null; readonly built_in: string | null }
  readonly severity: Severity
  readonly subject: string
  readonly connection_id: string | null
  readonly connection: string | null
  readonly facts: Readonly<Record<string, FactValue>>
  readonly since: string
  readonly closed_at: string | null
}

/** A worker that was killed while sending leaves its messages to another after so long. */
const CLAIM_SECONDS = 120

/** Destinations with something to send now. */
export async function destinationsWithMessages(db: Db, now: Date): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select d.id from alert_destinations d where d.enabled and exists (select 1 from alert_messages m where m.destination_id = d.id
       and (m.state = 'waiting' and m.not_before <= $1 or m.state = 'sending' and m.claimed_until <= $1)) order by d.id`,
    [now],
  )
  return rows.map(({ id }) => id)
}

/**
 * Takes what is due for one destination, oldest first: nobody else sends these meanwhile. The end of an incident waits until its beginning was told, and
 * in quiet hours only what is urgent is taken.
 */
export async function claimMessages(
  db: Db,
  destinationId: string,
  claim: string,
  { now, quiet, limit }: { readonly now: Date; readonly quiet: boolean; readonly limit: number },
): Promise<readonly ClaimedMessage[]> {
  const { rows } = await db.query<ClaimedMessage>(
    `with due as (
       select m.id from alert_messages m where m.destination_id = $1 and (m.state = 'waiting' and m.not_before <= $2 or m.state = 'sending' and m.claimed_until <= $2)
         and (m.urgent or not $4) and not exists (select 1 from alert_messages b where b.incident_id = m.incident_id and b.destination_id = m.destination_id and b.id < m.id and b.state in ('waiting','sending'))
       order by m.id limit $5 for update skip locked),
     taken as (update alert_messages m set state = 'sending', claim = $3, claimed_until = $2::timestamptz + make_interval(secs => ${CLAIM_SECONDS}), attempts = m.attempts + 1
       from due where m.id = due.id returning m.*)
     select t.id::text, t.kind, t.attempts, t.incident_id::text, i.rule, i.severity, i.subject, i.connection_id, c.name as connection, i.facts, i.since, i.closed_at
     from taken t join alert_incidents i on i.id = t.incident_id left join connections c on c.id = i.connection_id order by t.id`,
    [destinationId, now, claim, quiet, limit],
  )
  return rows
}

/** How a claimed message went; one that somebody else took over meanwhile is left to them. */
export type MessageOutcome =
  | { readonly state: 'sent'; readonly answer: string }
  | { readonly state: 'failed'; readonly answer: string }
  /** To be sent later; what was not tried at all costs no attempt. */
  | { readonly state: 'waiting'; readonly answer: string | null; readonly notBefore: Date; readonly tried: boolean }

export async function settleMessages(db: Db, ids: readonly string[], claim: string, outcome: MessageOutcome, now: Date): Promise<void> {
  const isWaiting = outcome.state === 'waiting'
  await db.query(
    `update alert_messages set state = $3, answer = coalesce($4, answer), claim = null, claimed_until = null, not_before = coalesce($5, not_before),
       attempts = attempts - $6::int, sent_at = case when $3 = 'sent' then $7::timestamptz end where id = any($1::bigint[]) and claim = $2 and state = 'sending'`,
    [ids, claim, outcome.state, outcome.answer, isWaiting ? outcome.notBefore : null, isWaiting && !outcome.tried ? 1 : 0, now],
  )
}
