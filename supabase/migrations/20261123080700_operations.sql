-- The background worker says here that it is alive; /health and /ops/env-sanity read it.
create table app.heartbeats (
  name text not null,
  beat_at timestamptz not null default now(),
  constraint heartbeats_pkey primary key (name));
grant select, insert, update on app.heartbeats to roost_system;

-- The newest applied migration, for readiness. plpgsql: the ledger is looked up when called, not now.
create function app.schema_version() returns text language plpgsql stable security definer set search_path = '' as $$
begin
  return (select pg_catalog.max(version) from supabase_migrations.schema_migrations);
end
$$;
revoke execute on function app.schema_version() from public;
grant execute on function app.schema_version() to roost_system;
