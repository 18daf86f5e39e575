import type pg from 'pg'
import type { FactValue } from '../../core/alert-facts.ts'
import type { Severity } from '../../core/alert-rules.ts'
import { Conditions, type Db, type Visible } from '../read/scope.ts'

/** One rule that is true of one subject. */
export interface Firing {
  readonly rule_id: string
  readonly subject: string
  readonly connection_id: string | null
  readonly facts: Readonly<Record<string, FactValue>>
}

const IS_OVER = `i.closed_at is null and i.rule_id <> all($1::text[]) and not exists (select 1 from alert_look k where k.rule_id = i.rule_id and k.subject = i.subject)`

/** Closed only when the condition was false for so long: what flickers is one incident. */
const CLEAR_SECONDS = 60

/**
 * Takes a look at the rules into the books: incidents begin, go on, open once they lasted as long as their rule wants, and close. What is not in `firings`
 * is over, but for rules that were `left` unjudged. One look at a time.
 */
export async function bookLook(
  client: pg.ClientBase,
  { firings, left }: { readonly firings: readonly Firing[]; readonly left: readonly string[] },
  now: Date,
): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('alert incidents'))`)
  await client.query(
    `create temporary table if not exists alert_look (rule_id text, subject text, connection_id text, facts json) on commit delete rows`,
  )
  await client.query(`insert into alert_look select * from unnest($1::text[], $2::text[], $3::text[], $4::json[])`, [
    firings.map(({ rule_id }) => rule_id),
    firings.map(({ subject }) => subject),
    firings.map(({ connection_id }) => connection_id),
    firings.map(({ facts }) => JSON.stringify(facts)),
  ])
  await client.query(
    `insert into alert_incidents (rule_id, rule, severity, subject, connection_id, facts, since, looked_at)
     select r.id, json_build_object('name', r.name, 'built_in', r.built_in), r.severity, k.subject, k.connection_id, k.facts, $1, $1
     from alert_look k join alert_rules r on r.id = k.rule_id order by 1, 4 on conflict do nothing`,
    [now],
  )
  await client.query(
    `update alert_incidents i set facts = k.facts, looked_at = $1, clear_since = null,
       opened_at = coalesce(i.opened_at, case when i.since + make_interval(mins => r.for_minutes) <= $1 then $1::timestamptz end)
     from alert_look k join alert_rules r on r.id = k.rule_id where i.rule_id = k.rule_id and i.subject = k.subject and i.closed_at is null`,
    [now],
  )
  await client.query(`delete from alert_incidents i where i.opened_at is null and ${IS_OVER}`, [left])
  await client.query(
    `update alert_incidents i set looked_at = $2, clear_since = coalesce(i.clear_since, $2::timestamptz),
       closed_at = case when coalesce(i.clear_since, $2::timestamptz) <= $2::timestamptz - make_interval(secs => ${CLEAR_SECONDS}) then $2::timestamptz end where ${IS_OVER}`,
    [left, now],
  )
}

/**
 * Writes down which messages incidents ask for: one per destination when it opens, reminders where its rule wants them, one when it is over. Repeating it
 * changes nothing. Muted rules and snoozed incidents ask for none but the end of what was told.
 */
export async function askForMessages(client: pg.ClientBase, now: Date): Promise<void> {
  const wanted = `join alert_rules r on r.id = i.rule_id and r.enabled and coalesce(r.muted_until <= $1, true) join alert_destinations d on d.enabled and (r.destinations is null or d.id = any(r.destinations))`
  const awake = `i.closed_at is null and i.opened_at is not null and coalesce(i.snoozed_until <= $1, true)`
  await client.query(
    `insert into alert_messages (incident_id, destination_id, kind, urgent, not_before, created_at)
     select i.id, d.id, 'open', i.severity = 'urgent', $1, $1 from alert_incidents i ${wanted} where ${awake} order by 1, 2 on conflict do nothing`,
    [now],
  )
  await client.query(
    `insert into alert_messages (incident_id, destination_id, kind, number, urgent, not_before, created_at)
     select i.id, d.id, 'remind', m.number + 1, i.severity = 'urgent', $1, $1 from alert_incidents i ${wanted}
     join lateral (select max(m.number) as number, max(m.created_at) as at, bool_and(m.state = 'sent') as sent from alert_messages m where m.incident_id = i.id and m.destination_id = d.id) m on m.sent
     where ${awake} and i.clear_since is null and m.at + make_interval(mins => r.remind_minutes) <= $1 order by 1, 2 on conflict do nothing`,
    [now],
  )
  // What began and ended before it could be told is told once, as over.
  await client.query(
    `update alert_messages m set state = 'dropped' from alert_incidents i where i.id = m.incident_id and i.closed_at is not null and m.state = 'waiting' and m.kind <> 'over' and m.attempts = 0`,
  )
  await client.query(
    `insert into alert_messages (incident_id, destination_id, kind, urgent, not_before, created_at)
     select m.incident_id, m.destination_id, 'over', i.severity = 'urgent', $1, $1 from alert_messages m join alert_incidents i on i.id = m.incident_id
     where m.kind = 'open' and i.closed_at > $1::timestamptz - interval '1 day' order by 1, 2 on conflict do nothing`,
    [now],
  )
}

export interface IncidentRow {
  readonly id: string
  readonly rule_id: string
  readonly rule: { readonly name: string | null; readonly built_in: string | null }
  readonly severity: Severity
  readonly subject: string
  readonly connection_id: string | null
  readonly connection: string | null
  readonly facts: Readonly<Record<string, FactValue>>
  readonly since: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly snoozed_until: string | null
  readonly snoozed_by: string | null
  readonly messages: readonly { readonly destination: string; readonly kind: string; readonly state: string; readonly answer: string | null }[]
}

/** Newest first. What concerns the hub as a whole is for those who see all of it. */
export async function listAlertIncidents(
  db: Db,
  filter: {
    readonly state?: 'open' | 'closed' | undefined
    readonly id?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
  visible: Visible,
): Promise<readonly IncidentRow[]> {
  const where = new Conditions()
    .always('i.opened_at is not null')
    .visible('i.connection_id', visible)
    .add(filter.id, (p) => `i.id = ${p}::bigint`)
    .add(filter.after, (p) => `i.id < ${p}::bigint`)
  if (filter.state !== undefined) where.always(filter.state === 'open' ? 'i.closed_at is null' : 'i.closed_at is not null')
  const { rows } = await db.query<IncidentRow>(
    `select i.id::text, i.rule_id, i.rule, i.severity, i.subject, i.connection_id, c.name as connection, i.facts, i.since, i.opened_at, i.closed_at, i.snoozed_until, i.snoozed_by,
       (select coalesce(json_agg(json_build_object('destination', d.name, 'kind', m.kind, 'state', m.state, 'answer', m.answer) order by m.id), '[]')
          from alert_messages m join alert_destinations d on d.id = m.destination_id where m.incident_id = i.id) as messages
     from alert_incidents i left join connections c on c.id = i.connection_id where ${where.sql()} order by i.id desc limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

/** Says nothing more of an incident until then; null = again. False when there is none that goes on. */
export async function snoozeIncident(db: Db, id: string, until: string | null, actor: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'update alert_incidents set snoozed_until = $2, snoozed_by = $3 where id = $1 and closed_at is null and opened_at is not null',
    [id, until, until === null ? null : actor],
  )
  return rowCount === 1
}

/** True for the one process whose turn it is: who asks sooner than `seconds` after the last look is sent away. */
export async function takeLook(db: Db, what: 'quick' | 'nodes' | 'ledger', seconds: number, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `update alert_looks set looked_at = $2 where what = $1 and looked_at <= $2::timestamptz - make_interval(secs => $3)`,
    [what, now, seconds],
  )
  return rowCount === 1
}

/** Keeps the history of a year. */
export async function forgetOldAlerts(db: Db, now: Date): Promise<void> {
  await db.query(`delete from alert_incidents where closed_at < $1::timestamptz - interval '365 days'`, [now])
}
