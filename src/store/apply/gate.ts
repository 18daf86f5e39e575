/**
 * Raw first. A document wins when its order key (source time, authoritative, read began) is strictly greater than that of
 * the document standing for the entity; the head row's lock serialises the entity until COMMIT (I1, I4). An authoritative
 * read of the very bytes a webhook brought lends them its key, so that a read which began before it cannot win later.
 */
export const GATE = `
with won as (
  insert into raw_heads as h (connection_id, kind, external_id, raw_id, sha256, source_time, authoritative, read_started_at)
  select connection_id, kind, external_id, raw_id, sha256, source_time, authoritative, read_started_at from s_raw
  order by connection_id, kind, external_id
  on conflict (connection_id, kind, external_id) do update
    set raw_id = case when excluded.sha256 = h.sha256 then h.raw_id else excluded.raw_id end, sha256 = excluded.sha256, source_time = excluded.source_time,
        authoritative = excluded.authoritative, read_started_at = excluded.read_started_at
    where (excluded.source_time, excluded.authoritative, excluded.read_started_at) > (h.source_time, h.authoritative, h.read_started_at)
      and case when excluded.sha256 = h.sha256 then excluded.authoritative and not h.authoritative
          else excluded.authoritative or excluded.source_time > h.source_time end
  returning h.connection_id, h.kind, h.external_id, h.raw_id)
update s_raw r set won = false where not exists (select 1 from won w where (w.connection_id, w.kind, w.external_id, w.raw_id) = (r.connection_id, r.kind, r.external_id, r.raw_id));
update s_raw r set same = h.sha256 = r.sha256,
  tie = h.sha256 <> r.sha256 and h.source_time = r.source_time and not r.authoritative
  from raw_heads h
  where not r.won and (r.connection_id, r.kind, r.external_id) = (h.connection_id, h.kind, h.external_id);
insert into raw_events (id, connection_id, kind, external_id, parent_id, source, received_at, source_time, authoritative, read_started_at, sha256, meta, key_id, row_key, body, size)
select raw_id, connection_id, kind, external_id, parent_id, source, received_at, source_time, authoritative, read_started_at, sha256, meta, key_id, row_key, body, size
  from s_raw join s_body using (i) where not archived and not same order by raw_id;
insert into fetch_queue (connection_id, kind, external_id, reason)
select connection_id, kind, external_id, 'tie' from s_raw where tie order by connection_id, kind, external_id
on conflict (connection_id, kind, external_id) do nothing;
`

/** A replay re-applies what stands for the entity now; a document that lost its place meanwhile is left alone. */
export const REPLAY_GATE = `
with standing as (
  select h.connection_id, h.kind, h.external_id from raw_heads h join s_raw r using (connection_id, kind, external_id)
  where h.raw_id = r.raw_id order by h.connection_id, h.kind, h.external_id for update of h)
update s_raw r set won = false where not exists (select 1 from standing s where (s.connection_id, s.kind, s.external_id) = (r.connection_id, r.kind, r.external_id));
`

const disposed = (which: string): string => `
insert into raw_dispositions (raw_id, connection_id, disposition, reason, order_id)
select raw_id, connection_id,
  case when won then case result when 'order' then 'applied' when 'refund' then 'applied' when 'held' then 'held' else 'ignored' end
       when same then 'duplicate' else 'superseded' end,
  case when won then reason when tie then 'tie: asked the channel' end, order_id
  from s_raw where ${which} order by raw_id`

const DISPOSITION_STANDS = `on conflict (raw_id) do update
  set disposition = excluded.disposition, reason = excluded.reason, order_id = coalesce(excluded.order_id, raw_dispositions.order_id), at = now();`

/**
 * A sale that only hands over an order placed elsewhere (rule `collected:<number>`) waits to be brought to it. Once it was, it
 * stays so, however often it comes again; under another number it is looked at anew, and taken back it waits no longer.
 */
const HAND_OVERS = `
delete from hand_overs t using (
  select h.ctid as row from s_raw r cross join lateral (
    select x.ctid from hand_overs x where x.connection_id = r.connection_id and x.external_id = r.external_id and x.state <> 'linked' limit 1) h -- each by its key, however few rows a plan was made for
  where r.won and r.kind = 'order' and not (r.result = 'ignored' and r.reason like 'collected:%')) gone
where t.ctid = gone.row;
insert into hand_overs as t (connection_id, external_id, number, at, raw_id)
select connection_id, external_id, substr(reason, 11), source_time, raw_id from s_raw where won and result = 'ignored' and reason like 'collected:%' order by 1, 2
on conflict (connection_id, external_id) do update set number = excluded.number, at = excluded.at, raw_id = excluded.raw_id, attempts = 0, not_before = now(), first_seen = now(),
  state = case when t.state = 'linked' and t.number = excluded.number then 'linked' else 'pending' end;
`

/** Exactly one disposition per stored document (I2). A re-read of what we have is counted by the caller, not stored. */
export const DISPOSE = `${disposed('archived or not same')} ${DISPOSITION_STANDS} ${HAND_OVERS}`
/** The same for many: what is archived with this batch cannot have a disposition yet. */
export const DISPOSE_MANY = `${disposed('not archived and not same')}; ${disposed('archived')} ${DISPOSITION_STANDS} ${HAND_OVERS}`

/** In a replay, only what was re-applied changes its disposition. */
export const REPLAY_DISPOSE = `${disposed('won')} ${DISPOSITION_STANDS} ${HAND_OVERS}`
