-- P1-11. Who did what, written in the transaction of the change itself. Append-only by grant.
create table audit_log (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  created_at timestamptz not null default now(),
  request_id text constraint audit_log_request_id_check check (length(request_id) <= 64),
  actor_id uuid,
  actor_role text not null constraint audit_log_actor_role_check
    check (actor_role in ('admin', 'manager', 'staff', 'owner', 'accountant', 'operator')),
  action text not null constraint audit_log_action_check check (action ~ '^[a-z_]+\.[a-z_]+$'),
  entity_type text not null,
  entity_id uuid not null,
  before jsonb,
  after jsonb,
  constraint audit_log_pkey primary key (agency_id, id),
  constraint audit_log_actor_fkey foreign key (agency_id, actor_id) references team_members (agency_id, user_id));
comment on column audit_log.actor_id is 'The person; null for the operator''s own commands and background work.';
create index audit_log_created_idx on audit_log (agency_id, created_at desc, id desc);
create index audit_log_entity_idx on audit_log (agency_id, entity_type, entity_id, created_at desc);
create index audit_log_actor_idx on audit_log (agency_id, actor_id) where actor_id is not null;
select app.protect('audit_log');
grant select, insert on audit_log to authenticated;
create policy admin_reads on audit_log as restrictive for select to authenticated using ((select app.has_role('admin')));
create policy own_name on audit_log as restrictive for insert to authenticated
  with check (actor_id is not distinct from (select app.user_id()) and actor_role = (select app.app_role()));
