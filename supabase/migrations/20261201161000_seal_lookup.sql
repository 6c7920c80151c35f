-- Whether an entry has a seal is looked up by (agency_id, audit_id), and the entry by its key, one entry at a time. As joins they
-- were planned with the statistics and the sizes of the first calls: the planner took the index (agency_id, seq) and read all seals
-- of the agency for each entry. After 20,000 bookings in a new database sealing cost more than the bookings. Subqueries with OFFSET 0
-- are planned for one row, and the plans are made for each call: a plan for tables that were nearly empty is not kept.
create or replace function app.seal_audit(batch integer, only_agency uuid default null, all_until pg_snapshot default null)
returns table (agency uuid, sealed integer)
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
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
        and (select s.seq from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id) is null
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
      where (select s.seq from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id) is null
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
      pg_catalog.sha256(pg_catalog.convert_to(app.audit_text(a::public.audit_log), 'UTF8')) as row_hash
    from (
      select u.agency_id, u.id from unnest(agency_ids, entry_ids) u (agency_id, id)
      where u.agency_id = any (locked_ids)
        and (select s.seq from public.audit_seals s where s.agency_id = u.agency_id and s.audit_id = u.id) is null offset 0) n
    cross join lateral (
      select * from public.audit_log l where l.agency_id = n.agency_id and l.id = n.id offset 0) a) e
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
