-- Delivery of sealed events to subscribers in the worker: how far each is in the log of each agency, and the events that it could
-- not handle.
create table event_cursors (
  agency_id uuid not null references agencies (id),
  subscriber text not null constraint event_cursors_subscriber_check check (length(subscriber) between 1 and 63),
  seq bigint not null constraint event_cursors_seq_check check (seq >= 0),
  failures integer not null default 0,
  retry_at timestamptz,
  last_error text constraint event_cursors_last_error_check check (length(last_error) <= 100),
  lease uuid,
  leased_until timestamptz,
  constraint event_cursors_pkey primary key (agency_id, subscriber));
comment on column event_cursors.seq is 'The last event that was handled or became a dead letter.';
comment on column event_cursors.failures is 'Failed attempts of the next event.';
comment on column event_cursors.last_error is 'A code, never a message, which may hold personal data.';
comment on column event_cursors.lease is 'The delivery in progress. It ends at leased_until when its process is killed.';
select app.protect('event_cursors');
grant select, update on event_cursors to roost_tenant;
create policy operator_only on event_cursors as restrictive for all to roost_tenant
  using ((select app.app_role()) = 'operator') with check ((select app.app_role()) = 'operator');

create table event_dead_letters (
  agency_id uuid not null references agencies (id),
  subscriber text not null constraint event_dead_letters_subscriber_check check (length(subscriber) between 1 and 63),
  seq bigint not null,
  failures integer not null,
  last_error text not null constraint event_dead_letters_last_error_check check (length(last_error) <= 100),
  failed_at timestamptz not null default now(),
  retry_at timestamptz,
  constraint event_dead_letters_pkey primary key (agency_id, subscriber, seq));
comment on column event_dead_letters.retry_at is 'When the worker may try again; null until an operator asks for it.';
create index event_dead_letters_retry_idx on event_dead_letters (retry_at) where retry_at is not null;
select app.protect('event_dead_letters');
grant select, insert, update, delete on event_dead_letters to roost_tenant;
grant select on event_dead_letters to roost_system;
create policy operator_only on event_dead_letters as restrictive for all to roost_tenant
  using ((select app.app_role()) = 'operator') with check ((select app.app_role()) = 'operator');
create policy due_select on event_dead_letters for select to roost_system using (retry_at < now());

create table app.event_subscribers (
  name text not null,
  registered_at timestamptz not null default now(),
  constraint event_subscribers_pkey primary key (name));

grant select, insert, update on event_cursors to roost_auth;
grant select on event_dead_letters to roost_auth;
grant select, insert on app.event_subscribers to roost_auth;
create policy delivery on event_cursors for all to roost_auth using (true) with check (true);
create policy delivery on event_dead_letters for select to roost_auth using (true);

-- A subscriber that is new begins after what was sealed before; in an agency that is new, with the first event.
create function app.register_subscriber(of_subscriber text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into app.event_subscribers (name) values (of_subscriber) on conflict do nothing;
  if not found then return; end if;
  insert into public.event_cursors (agency_id, subscriber, seq)
  select a.id, of_subscriber,
    coalesce((select s.seq from public.audit_seals s where s.agency_id = a.id order by s.seq desc limit 1), 0)
  from public.agencies a
  on conflict do nothing;
end
$$;

-- The agencies with events that the subscriber has not handled, except those that wait for another attempt.
create function app.agencies_behind(of_subscriber text) returns table (agency uuid)
language sql stable security definer set search_path = '' as $$
  select a.id from public.agencies a
  left join public.event_cursors c on c.agency_id = a.id and c.subscriber = of_subscriber
  where (c.retry_at is null or c.retry_at <= pg_catalog.now())
    and coalesce((select s.seq from public.audit_seals s where s.agency_id = a.id order by s.seq desc limit 1), 0) > coalesce(c.seq, 0)
$$;

-- Leases the given agencies to one delivery and returns their next events, at most `most` of each. Leaves out agencies without new
-- events, that are leased, or that wait for another attempt. The caller asks again after it has settled a delivery: events that were
-- sealed meanwhile may have been left out of another call.
create function app.claim_events(of_subscriber text, new_lease uuid, among uuid[], most integer)
returns table (agency uuid, failures integer, seq bigint, type text, entity_type text, entity_id uuid, version integer, property_id uuid,
  former_property_id uuid)
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.event_cursors (agency_id, subscriber, seq)
  select a.id, of_subscriber, 0 from public.agencies a
  where a.id = any (among)
    and not exists (select from public.event_cursors c where c.agency_id = a.id and c.subscriber = of_subscriber)
  on conflict do nothing;

  return query
  with free as (
    select c.agency_id from public.event_cursors c
    where c.agency_id = any (among) and c.subscriber = of_subscriber
      and (c.leased_until is null or c.leased_until < pg_catalog.now())
      and (c.retry_at is null or c.retry_at <= pg_catalog.now())
      and exists (select from public.audit_seals s where s.agency_id = c.agency_id and s.seq > c.seq)
    for update skip locked
  ), leased as (
    update public.event_cursors c set lease = new_lease, leased_until = pg_catalog.now() + interval '1 minute'
    from free f where c.agency_id = f.agency_id and c.subscriber = of_subscriber
    returning c.agency_id, c.seq, c.failures
  )
  select l.agency_id, l.failures, e.seq, e.type, e.entity_type, e.entity_id, e.version, e.property_id, e.former_property_id
  from leased l cross join lateral (
    select s.* from public.audit_seals s where s.agency_id = l.agency_id and s.seq > l.seq order by s.seq limit most) e
  order by l.agency_id, e.seq;
end
$$;

-- Saves how far the deliveries of a lease came, and ends them.
create function app.settle_events(of_subscriber text, of_lease uuid, agency_ids uuid[], seqs bigint[]) returns void
language sql security definer set search_path = '' as $$
  update public.event_cursors c set seq = d.seq, failures = 0, retry_at = null, last_error = null, lease = null, leased_until = null
  from unnest(agency_ids, seqs) d (agency_id, seq)
  where c.agency_id = d.agency_id and c.subscriber = of_subscriber and c.lease = of_lease
$$;

-- The state of each subscriber in all agencies, as numbers.
create function app.subscriber_states()
returns table (name text, behind integer, oldest_at timestamptz, failing integer, dead_letters integer)
language sql stable security definer set search_path = '' as $$
  select n.name, coalesce(b.behind, 0)::integer, b.oldest_at, coalesce(b.failing, 0)::integer,
    (select pg_catalog.count(*)::integer from public.event_dead_letters d where d.subscriber = n.name)
  from app.event_subscribers n
  left join lateral (
    select pg_catalog.count(e.seq) as behind, pg_catalog.min(e.sealed_at) as oldest_at,
      pg_catalog.count(*) filter (where c.failures > 0) as failing
    from public.agencies a
    left join public.event_cursors c on c.agency_id = a.id and c.subscriber = n.name
    left join lateral (
      select s.seq, s.sealed_at from public.audit_seals s
      where s.agency_id = a.id and s.seq > coalesce(c.seq, 0) order by s.seq limit 1) e on true) b on true
  order by n.name
$$;

-- The next events of several agencies after a position in each, at most `most` of each: for the open streams of a process.
create function app.read_events(agency_ids uuid[], after_seqs bigint[], most integer)
returns table (agency uuid, seq bigint, type text, entity_type text, entity_id uuid, version integer, property_id uuid,
  former_property_id uuid)
language sql stable security definer set search_path = '' as $$
  select w.agency_id, e.seq, e.type, e.entity_type, e.entity_id, e.version, e.property_id, e.former_property_id
  from unnest(agency_ids, after_seqs) w (agency_id, after_seq)
  cross join lateral (
    select s.* from public.audit_seals s where s.agency_id = w.agency_id and s.seq > w.after_seq order by s.seq limit most) e
  order by w.agency_id, e.seq
$$;

grant create on schema app to roost_auth;
alter function app.register_subscriber(text) owner to roost_auth;
alter function app.agencies_behind(text) owner to roost_auth;
alter function app.claim_events(text, uuid, uuid[], integer) owner to roost_auth;
alter function app.settle_events(text, uuid, uuid[], bigint[]) owner to roost_auth;
alter function app.subscriber_states() owner to roost_auth;
alter function app.read_events(uuid[], bigint[], integer) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.register_subscriber(text), app.agencies_behind(text), app.claim_events(text, uuid, uuid[], integer),
  app.settle_events(text, uuid, uuid[], bigint[]), app.subscriber_states(), app.read_events(uuid[], bigint[], integer) from public;
grant execute on function app.register_subscriber(text), app.agencies_behind(text), app.claim_events(text, uuid, uuid[], integer),
  app.settle_events(text, uuid, uuid[], bigint[]), app.subscriber_states(), app.read_events(uuid[], bigint[], integer) to roost_system;
