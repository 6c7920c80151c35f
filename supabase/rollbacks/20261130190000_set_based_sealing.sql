drop function app.seal_audit(integer, uuid, pg_snapshot);
alter table app.audit_sealing add column sealed_below xid8 not null default '0';
alter table app.audit_sealing drop column sealed_snapshot;
drop aggregate app.chain(bytea, bytea);
drop function app.chain_step(bytea, bytea, bytea);

create function app.seal_audit(batch integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  horizon xid8 := pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot());
  below xid8;
  entry public.audit_log;
  last record;
  hash bytea;
  sealed integer := 0;
begin
  if not pg_catalog.pg_try_advisory_xact_lock(7260003) then return 0; end if;
  select s.sealed_below into below from app.audit_sealing s;
  -- A database restored elsewhere counts its transactions anew.
  if below > horizon then below := '0'; end if;
  for entry in
    select a.* from public.audit_log a
    where (a.xact_id is null or (a.xact_id >= below and a.xact_id < horizon))
      and not exists (select from public.audit_seals s where s.agency_id = a.agency_id and s.audit_id = a.id)
    order by a.xact_id nulls first, a.agency_id, a.id limit batch
  loop
    select s.seq, s.chain_hash into last from public.audit_seals s where s.agency_id = entry.agency_id order by s.seq desc limit 1;
    hash := pg_catalog.sha256(pg_catalog.convert_to(app.audit_text(entry), 'UTF8'));
    insert into public.audit_seals (agency_id, seq, audit_id, row_hash, chain_hash)
    values (entry.agency_id, coalesce(last.seq, 0) + 1, entry.id, hash,
      pg_catalog.sha256(coalesce(last.chain_hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex')) || hash));
    sealed := sealed + 1;
    below := coalesce(entry.xact_id, below);
  end loop;
  -- Nothing new: nothing is written, so an idle database stays idle.
  if sealed > 0 then
    update app.audit_sealing s set sealed_below = case when sealed < batch then horizon else below end;
  end if;
  return sealed;
end
$$;
grant create on schema app to roost_auth;
alter function app.seal_audit(integer) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.seal_audit(integer) from public;
grant execute on function app.seal_audit(integer) to roost_system;
