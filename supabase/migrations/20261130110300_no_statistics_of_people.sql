-- ANALYZE keeps samples of a column's values in pg_statistic, where an erased name would stay until the table is analyzed
-- again. Nothing is planned by these columns: they are searched by pattern or by a unique key.
alter table guests
  alter column first_name set statistics 0, alter column last_name set statistics 0,
  alter column email set statistics 0, alter column phone set statistics 0;
alter table bookings
  alter column guest_message set statistics 0, alter column internal_notes set statistics 0,
  alter column cancellation_reason set statistics 0;
alter table holds alter column notes set statistics 0;
alter table blocks alter column notes set statistics 0;
alter table audit_log alter column before set statistics 0, alter column after set statistics 0;
alter table idempotency_keys
  alter column key set statistics 0, alter column fingerprint set statistics 0,
  alter column headers set statistics 0, alter column body set statistics 0;

-- What was collected before stays otherwise, since ANALYZE now passes over these columns.
do $$
declare
  kept record;
begin
  for kept in
    select a.attrelid, a.attnum, c.relname, a.attname
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and a.attstattarget = 0 and a.attnum > 0 and not a.attisdropped
      and c.relname in ('guests', 'bookings', 'holds', 'blocks', 'audit_log', 'idempotency_keys')
  loop
    if (select rolsuper from pg_roles where rolname = current_user) then
      delete from pg_statistic s where s.starelid = kept.attrelid and s.staattnum = kept.attnum;
    elsif current_setting('server_version_num')::integer >= 180000 then
      execute format('select pg_clear_attribute_stats(%L, %L, %L, false)', 'public', kept.relname, kept.attname);
    else
      raise warning 'statistics of %.% may hold old values: a superuser removes them, see docs/ops/erasure.md',
        kept.relname, kept.attname;
    end if;
  end loop;
end
$$;
