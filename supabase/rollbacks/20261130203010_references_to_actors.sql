alter table idempotency_keys
  drop constraint idempotency_keys_actor_fkey,
  add constraint idempotency_keys_actor_fkey foreign key (agency_id, actor_id) references team_members (agency_id, user_id) not valid;
alter table audit_log
  drop constraint audit_log_actor_fkey,
  add constraint audit_log_actor_fkey foreign key (agency_id, actor_id) references team_members (agency_id, user_id) not valid;
alter table blocks
  drop constraint blocks_creator_fkey,
  add constraint blocks_creator_fkey foreign key (agency_id, created_by) references team_members (agency_id, user_id) not valid;
alter table holds
  drop constraint holds_creator_fkey,
  add constraint holds_creator_fkey foreign key (agency_id, created_by) references team_members (agency_id, user_id) not valid;
alter table properties
  drop constraint properties_owner_fkey,
  add constraint properties_owner_fkey foreign key (agency_id, owner_id) references team_members (agency_id, user_id) not valid;
-- What the operator and jobs did in the meantime refers to no member. Such a key stays NOT VALID: it holds for new rows.
do $$
declare
  it record;
begin
  for it in
    select k.conrelid::regclass as name, k.conname from pg_constraint k
    where k.contype = 'f' and not k.convalidated and k.confrelid = 'public.team_members'::regclass
  loop
    begin
      execute format('alter table %s validate constraint %I', it.name, it.conname);
    exception when foreign_key_violation then
      raise notice '% has rows of the operator or of jobs: % stays NOT VALID', it.name, it.conname;
    end;
  end loop;
end
$$;
