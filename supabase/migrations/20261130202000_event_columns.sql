-- The audit log is the source of all events. The seal of an entry carries what consumers of events need, so that none of them reads
-- audit_log, which has personal data: what happened, to which record, its version, and its property.
alter table audit_log
  add column version integer,
  add column property_id uuid,
  add column former_property_id uuid;
comment on column audit_log.version is 'Of the record after the change; null when it has no version.';
comment on column audit_log.property_id is 'The property of the record; null when it has none. No foreign key, like entity_id.';
comment on column audit_log.former_property_id is 'Where the record was before, when the change moved it to another property.';

alter table audit_seals
  add column type text,
  add column entity_type text,
  add column entity_id uuid,
  add column version integer,
  add column property_id uuid,
  add column former_property_id uuid;
comment on column audit_seals.type is 'The action of the entry. This column and those after it are copies, for consumers of events.';

-- The new columns are part of the text only where one of them is set: entries from before keep their hash, and setting or clearing
-- a column changes the text.
create or replace function app.audit_text(entry audit_log) returns text language sql stable parallel safe set search_path = '' as $$
  select (case when entry.version is null and entry.property_id is null and entry.former_property_id is null then t.line
    else t.line || pg_catalog.jsonb_build_array(entry.version, entry.property_id, entry.former_property_id) end)::text
  from (select pg_catalog.jsonb_build_array(entry.agency_id, entry.id,
    pg_catalog.to_char(entry.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.request_id, entry.actor_id,
    entry.actor_role, entry.action, entry.entity_type, entry.entity_id, entry.before, entry.after)) t (line)
$$;

drop function app.seal_audit(integer, uuid, pg_snapshot);
-- Seals up to `batch` rows and returns how many of each agency: what is new in all agencies, or, with `only_agency`, every row of
-- that agency without a seal. Returns null and -1 when it is not known what is new (the first run, a restored database): then call it
-- for each agency, and last with `all_until`, a snapshot that was taken before. Without `only_agency`, agencies that another call is
-- sealing are left out.
create function app.seal_audit(batch integer, only_agency uuid default null, all_until pg_snapshot default null)
returns table (agency uuid, sealed integer)
language plpgsql security definer set search_path = '' as $$
declare
  known pg_catalog.pg_snapshot;
  seen pg_catalog.pg_snapshot := pg_catalog.pg_current_snapshot();
  agency_ids uuid[];
  entry_ids uuid[];
  locked_ids uuid[];
  wanted integer;
begin
  if all_until is not null then
    update app.audit_sealing s set sealed_snapshot = all_until;
    return;
  end if;
  if only_agency is not null then
    -- Waits: what another call seals now is only what is new.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('seal/' || only_agency, 0));
    select pg_catalog.array_agg(n.agency_id), pg_catalog.array_agg(n.id) into agency_ids, entry_ids from (
      select a.agency_id, a.id from public.audit_log a
      where a.agency_id = only_agency
        and not exists (select from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id)
      order by a.xact_id nulls first, a.id limit batch) n;
  else
    select s.sealed_snapshot into known from app.audit_sealing s;
    -- A database that was restored elsewhere counts its transactions from another number.
    if known is null or pg_catalog.pg_snapshot_xmax(known) > pg_catalog.pg_snapshot_xmax(seen) then
      return query values (null::uuid, -1);
      return;
    end if;
    select pg_catalog.array_agg(n.agency_id), pg_catalog.array_agg(n.id) into agency_ids, entry_ids from (
      select a.agency_id, a.id from (
        select l.agency_id, l.id, l.xact_id from public.audit_log l where l.xact_id >= pg_catalog.pg_snapshot_xmax(known)
        union all
        select l.agency_id, l.id, l.xact_id from public.audit_log l
        where l.xact_id = any (array(select pg_catalog.pg_snapshot_xip(known)))) a
      where not exists (select from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id)
      order by a.xact_id, a.id limit batch) n;
  end if;
  wanted := coalesce(pg_catalog.cardinality(entry_ids), 0);
  -- Nothing new: nothing is written, so that an idle database stays idle.
  if wanted = 0 then return; end if;

  select pg_catalog.array_agg(d.agency_id) into locked_ids from (select distinct u.agency_id from pg_catalog.unnest(agency_ids) u (agency_id)) d
  where pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('seal/' || d.agency_id, 0));

  -- A statement of its own: it sees what another call sealed before the lock was free.
  return query with made as (
  insert into public.audit_seals as m (agency_id, seq, audit_id, row_hash, chain_hash,
    type, entity_type, entity_id, version, property_id, former_property_id)
  select e.agency_id, coalesce(l.seq, 0) + pg_catalog.row_number() over chain, e.id, e.row_hash,
    app.chain(coalesce(l.chain_hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex')), e.row_hash) over chain,
    e.action, e.entity_type, e.entity_id, e.version, e.property_id, e.former_property_id
  from (
    select a.agency_id, a.id, a.xact_id, a.action, a.entity_type, a.entity_id, a.version, a.property_id, a.former_property_id,
      pg_catalog.sha256(pg_catalog.convert_to(app.audit_text(a), 'UTF8')) as row_hash
    from unnest(agency_ids, entry_ids) n (agency_id, id)
    join public.audit_log a on a.agency_id = n.agency_id and a.id = n.id
    where a.agency_id = any (locked_ids)
      and not exists (select from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id)) e
  left join lateral (
    select s.seq, s.chain_hash from public.audit_seals s where s.agency_id = e.agency_id order by s.seq desc limit 1) l on true
  window chain as (partition by e.agency_id order by e.xact_id nulls first, e.id rows unbounded preceding)
  returning m.agency_id)
  select m.agency_id, pg_catalog.count(*)::integer from made m group by m.agency_id;

  if only_agency is null and wanted < batch
    and not exists (select from pg_catalog.unnest(agency_ids) u (agency_id) where u.agency_id <> all (coalesce(locked_ids, '{}'))) then
    update app.audit_sealing s set sealed_snapshot = seen
    where pg_catalog.pg_snapshot_xmax(s.sealed_snapshot) <= pg_catalog.pg_snapshot_xmax(seen);
  end if;
end
$$;
grant create on schema app to roost_auth;
alter function app.seal_audit(integer, uuid, pg_snapshot) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.seal_audit(integer, uuid, pg_snapshot) from public;
grant execute on function app.seal_audit(integer, uuid, pg_snapshot) to roost_system;
