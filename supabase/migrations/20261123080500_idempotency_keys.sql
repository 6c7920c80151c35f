-- P1-12. The answer to a request that carried an Idempotency-Key, kept in the transaction that made it.
-- Unique per agency AND actor: a guessed key of somebody else must reveal nothing.
create table idempotency_keys (
  agency_id uuid not null references agencies (id),
  actor_id uuid not null,
  key text not null constraint idempotency_keys_key_check check (length(key) between 1 and 255),
  fingerprint bytea not null,
  status smallint,
  headers jsonb,
  body bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (agency_id, actor_id, key),
  constraint idempotency_keys_actor_fkey foreign key (agency_id, actor_id) references team_members (agency_id, user_id));
create index idempotency_keys_expires_idx on idempotency_keys (expires_at);
select app.protect('idempotency_keys');
grant select, insert, update on idempotency_keys to authenticated;
create policy own_keys on idempotency_keys as restrictive for all to authenticated
  using ((select app.is_member()) and actor_id = (select app.user_id()))
  with check ((select app.is_member()) and actor_id = (select app.user_id()));

-- The purge job sees and deletes what has expired, in every agency, and nothing else.
grant select, delete on idempotency_keys to roost_system;
create policy purge_select on idempotency_keys for select to roost_system using (expires_at < now());
create policy purge_delete on idempotency_keys for delete to roost_system using (expires_at < now());
