-- The audit log as a chain: each row's hash and the hash of everything before it, per agency, sealed by a job so that
-- no booking waits for it. bin/roost verify audit walks it.
alter table audit_log add column xact_id xid8;
alter table audit_log alter column xact_id set default pg_current_xact_id();
comment on column audit_log.xact_id is 'The transaction that wrote the row: sealing goes up to the oldest one still open. Null: older than the chain.';

create table audit_seals (
  agency_id uuid not null references agencies (id),
  seq bigint not null constraint audit_seals_seq_check check (seq > 0),
  audit_id uuid not null,
  row_hash bytea not null constraint audit_seals_row_hash_check check (length(row_hash) = 32),
  chain_hash bytea not null constraint audit_seals_chain_hash_check check (length(chain_hash) = 32),
  sealed_at timestamptz not null default now(),
  constraint audit_seals_pkey primary key (agency_id, seq),
  constraint audit_seals_audit_key unique (agency_id, audit_id));
comment on column audit_seals.audit_id is 'No foreign key: a row that goes missing must be found, not be in the way.';
select app.protect('audit_seals');
grant select on audit_seals to authenticated;
create policy admin_reads on audit_seals as restrictive for select to authenticated using ((select app.has_role('admin')));

create table app.audit_sealing (
  is_only boolean not null default true constraint audit_sealing_is_only_check check (is_only),
  sealed_below xid8 not null default '0',
  constraint audit_sealing_pkey primary key (is_only));
insert into app.audit_sealing default values;

-- A row as text, the same on every server: what its hash is of.
create function app.audit_text(entry audit_log) returns text language sql stable parallel safe set search_path = '' as $$
  select pg_catalog.jsonb_build_array(entry.agency_id, entry.id,
    pg_catalog.to_char(entry.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), entry.request_id, entry.actor_id,
    entry.actor_role, entry.action, entry.entity_type, entry.entity_id, entry.before, entry.after)::text
$$;

-- Seals up to `batch` rows of every agency, oldest transaction first, and returns how many. Rows of transactions that
-- may still be open wait for the next time: nothing can slip in behind what is sealed.
create function app.seal_audit(batch integer) returns integer language plpgsql security definer set search_path = '' as $$
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

create function app.list_agencies() returns table (id uuid, name text, slug text)
language sql stable security definer set search_path = '' as $$
  select a.id, a.name, a.slug from public.agencies a where a.deleted_at is null order by a.slug
$$;

grant select on audit_log to roost_auth;
grant select, insert on audit_seals to roost_auth;
grant select, update on app.audit_sealing to roost_auth;
create policy sealing on audit_log for select to roost_auth using (true);
create policy sealing on audit_seals for all to roost_auth using (true) with check (true);
grant create on schema app to roost_auth;
alter function app.seal_audit(integer) owner to roost_auth;
alter function app.list_agencies() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.audit_text(audit_log), app.seal_audit(integer), app.list_agencies() from public;
grant execute on function app.audit_text(audit_log) to authenticated, roost_auth;
grant execute on function app.seal_audit(integer), app.list_agencies() to roost_system;
