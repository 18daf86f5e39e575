import type pg from 'pg'
import type { Fault } from '../../core/fault.ts'
import { failureSignature, normaliseMessage } from '../failure-signature.ts'

/** One outbound or connection failure, grouped with its like. Nothing in it may be personal data. */
export interface FailureInput {
  readonly connectionId: string
  readonly channel: string
  readonly operation: 'push-stock' | 'push-shipment' | 'cancel' | 'pull' | 'webhook' | 'listings' | 'fetch' | 'acknowledge' | 'hand-over'
  readonly fault: Pick<Fault, 'kind' | 'message'> & { readonly code?: string | undefined }
  /** What a fix needs: the listing, the carrier. */
  readonly subject?: string
  /** Each subject is a cause of its own, whatever the message says. */
  readonly bySubject?: boolean
  readonly subjectKind: 'raw' | 'order' | 'effect' | 'stream' | 'webhook' | 'ack'
  readonly subjectId: string
  readonly orderId?: number | null
}

/** Opens a failure, or counts it again; a resolved group that fails again comes back as regressed. Groups are taken in signature order. */
export async function openFailures(client: pg.ClientBase | pg.Pool, failures: readonly FailureInput[]): Promise<void> {
  const rows = failures.map((failure) => {
    const message = normaliseMessage(failure.fault.message)
    const code = failure.fault.code ?? failure.fault.kind
    const signature = failureSignature({
      connectionId: failure.connectionId,
      operation: failure.operation,
      faultKind: failure.fault.kind,
      code,
      subjectOrMessage: failure.bySubject === true ? (failure.subject ?? message) : message,
    })
    return {
      signature,
      message,
      code,
      connection_id: failure.connectionId,
      channel: failure.channel,
      operation: failure.operation,
      fault_kind: failure.fault.kind,
      sample: failure.fault.message.slice(0, 500),
      subject: failure.subject ?? null,
      subject_kind: failure.subjectKind,
      subject_id: failure.subjectId,
      order_id: failure.orderId ?? null,
    }
  })
  if (rows.length === 0) return
  const json = JSON.stringify(rows)
  await client.query(
    `insert into failure_groups as g (signature, connection_id, channel, operation, fault_kind, code, message, sample, subject)
     select distinct on (signature) signature, connection_id, channel, operation, fault_kind, code, message, sample, subject
     from json_to_recordset($1::json) x(signature text, connection_id text, channel text, operation text, fault_kind text, code text, message text, sample text, subject text)
     order by signature
     on conflict (signature) do update set last_seen = now(), sample = excluded.sample, regressed = g.regressed or g.status = 'resolved',
       status = case when g.status = 'resolved' or (g.status = 'ignored' and g.ignored_until <= now()) then 'open' else g.status end`,
    [json],
  )
  await client.query(
    `insert into failures as f (group_id, connection_id, subject_kind, subject_id, order_id, message, order_currency, order_minor, order_ship_by)
     select distinct on (g.id, x.subject_kind, x.subject_id) g.id, x.connection_id, x.subject_kind, x.subject_id, x.order_id, x.sample, o.currency, o.total_minor, o.ship_by
     from json_to_recordset($1::json) x(signature text, connection_id text, subject_kind text, subject_id text, order_id bigint, sample text)
     join failure_groups g using (signature) left join orders o on o.id = x.order_id order by g.id, x.subject_kind, x.subject_id
     on conflict (group_id, subject_kind, subject_id) where resolved_at is null do update set last_seen = now(), times = f.times + 1, message = excluded.message,
       order_currency = excluded.order_currency, order_minor = excluded.order_minor, order_ship_by = excluded.order_ship_by`,
    [json],
  )
}

/** The cause is gone. Groups without an open failure are resolved with their last one. */
export async function resolveFailures(
  client: pg.ClientBase | pg.Pool,
  subjectKind: FailureInput['subjectKind'],
  subjectIds: readonly string[],
  now: Date,
): Promise<void> {
  if (subjectIds.length === 0) return
  await client.query(
    `with gone as (
       update failures set resolved_at = $3 where subject_kind = $1 and subject_id = any($2) and resolved_at is null returning group_id, id)
     update failure_groups g set status = 'resolved' where g.id in (select group_id from gone) and g.status in ('open', 'acknowledged')
       and not exists (select 1 from failures f where f.group_id = g.id and f.resolved_at is null and f.id not in (select id from gone))`,
    [subjectKind, subjectIds, now],
  )
}
