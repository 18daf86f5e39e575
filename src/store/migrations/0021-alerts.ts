/**
 * Deadlines of the stations of an order, and alerts: rules over what the hub knows of itself, where their messages go, what they found, and each message
 * until it was taken.
 */
export const sql0021 = `
-- how long an order may wait for a station; connection null = everywhere where nothing else is said, minutes null = as long as it likes
create table node_deadlines (
  connection_id text references connections on delete cascade,
  node text not null,
  minutes integer check (minutes between 1 and 525600),
  updated_by text,
  updated_at timestamptz not null default now(),
  unique nulls not distinct (connection_id, node)
);
insert into node_deadlines (node, minutes) values ('validated', 240), ('allocated', 240), ('released', 1440), ('picked', 1440), ('packed', 1440), ('shipped', 1440),
  ('channel_confirmed', 30), ('in_transit', 2880), ('received', 21600);
create index order_acks_at on order_acks using brin (at) with (pages_per_range = 32, autosummarize = on);

create table alert_destinations (
  id text primary key,
  name text not null unique,
  kind text not null check (kind in ('email','webhook','wecom','dingtalk','feishu')),
  config json not null default '{}',
  secrets bytea,                       -- envelope: AES-GCM under the master key, AAD = destination id
  secrets_hint json not null default '{}',
  language text not null default 'en' check (language in ('en','zh-CN')),
  timezone text not null default 'UTC',
  quiet_from integer check (quiet_from between 0 and 1439), -- minutes after midnight by its clock; only what is urgent is told then
  quiet_to integer check (quiet_to between 0 and 1439),
  enabled boolean not null default true,
  version integer not null default 1,
  last_sent_at timestamptz,
  last_fault text,
  last_fault_at timestamptz,
  created_by text,
  created_at timestamptz not null default now()
);

create table alert_rules (
  id text primary key,
  name text,                           -- null = the word of a rule that came with the hub
  built_in text unique,
  scope text not null check (scope in ('connection','node','hub')),
  condition text not null,
  severity text not null check (severity in ('urgent','warning','info')),
  for_minutes integer not null default 0 check (for_minutes between 0 and 10080),
  remind_minutes integer check (remind_minutes between 5 and 43200),
  destinations text[],                 -- null = all
  connections text[],                  -- null = all
  enabled boolean not null default true,
  muted_until timestamptz,
  version integer not null default 1,
  fault text,                          -- why the condition could not be judged when last looked
  updated_by text,
  updated_at timestamptz not null default now(),
  check (name is not null or built_in is not null)
);
insert into alert_rules (id, built_in, scope, condition, severity, for_minutes) values
  ('r_stopped', 'stopped', 'connection', 'connection.state == "needs-auth" || connection.state == "misconfigured"', 'urgent', 0),
  ('r_behind', 'behind', 'connection', 'connection.state == "active" && connection.lag_seconds > 900', 'warning', 5),
  ('r_silent', 'silent', 'connection', 'connection.state == "active" && connection.silent', 'warning', 5),
  ('r_webhook', 'webhook', 'connection', 'connection.state == "active" && connection.webhook_lost', 'warning', 15),
  ('r_expiring', 'expiring', 'connection', 'connection.state == "active" && connection.token_days < 7.0', 'warning', 0),
  ('r_failing', 'failing', 'connection', 'connection.documents_hour >= 20 && connection.failure_rate > 0.05', 'warning', 5),
  ('r_doubt', 'doubt', 'connection', 'connection.writes_in_doubt > 0', 'warning', 30),
  ('r_overdue', 'overdue', 'node', 'node.overdue > 0', 'warning', 0),
  ('r_short', 'short', 'hub', 'hub.shortages > 0', 'urgent', 0),
  ('r_backlog', 'backlog', 'hub', 'hub.waiting > 1000 && hub.drain_seconds > 1800', 'warning', 5),
  ('r_ledger', 'ledger', 'connection', 'connection.ledger_red_days > 0', 'warning', 0);

-- what a rule found, from when it was first true until it was over; opened_at null = not true for long enough yet
create table alert_incidents (
  id bigint generated always as identity primary key,
  rule_id text not null,
  rule json not null,                  -- its name and severity then
  severity text not null,
  subject text not null,               -- hub, a connection, connection/station
  connection_id text,
  facts json not null,                 -- what the condition looked at
  since timestamptz not null,
  opened_at timestamptz,
  clear_since timestamptz,
  closed_at timestamptz,
  snoozed_until timestamptz,
  snoozed_by text,
  looked_at timestamptz not null
);
create unique index alert_incidents_open on alert_incidents (rule_id, subject) where closed_at is null;
create index alert_incidents_recent on alert_incidents (id desc) where opened_at is not null;

create table alert_messages (
  id bigint generated always as identity primary key,
  incident_id bigint not null references alert_incidents on delete cascade,
  destination_id text not null references alert_destinations on delete cascade,
  kind text not null check (kind in ('open','remind','over')),
  number integer not null default 0,
  state text not null default 'waiting' check (state in ('waiting','sending','sent','failed','dropped')),
  urgent boolean not null,
  not_before timestamptz not null,
  claim text,
  claimed_until timestamptz,
  attempts integer not null default 0,
  answer text,
  created_at timestamptz not null,
  sent_at timestamptz,
  unique (incident_id, destination_id, kind, number)
);
create index alert_messages_due on alert_messages (destination_id, id) where state in ('waiting','sending');

-- one worker looks at a time
create table alert_looks (
  what text primary key,
  looked_at timestamptz not null
);
insert into alert_looks (what, looked_at) values ('quick', 'epoch'), ('nodes', 'epoch'), ('ledger', 'epoch');
`
