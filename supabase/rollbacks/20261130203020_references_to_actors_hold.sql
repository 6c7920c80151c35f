-- A constraint cannot be made NOT VALID again, only replaced.
alter table idempotency_keys
  drop constraint idempotency_keys_actor_fkey,
  add constraint idempotency_keys_actor_fkey foreign key (agency_id, actor_id) references actors (agency_id, id) not valid;
alter table audit_log
  drop constraint audit_log_actor_fkey,
  add constraint audit_log_actor_fkey foreign key (agency_id, actor_id) references actors (agency_id, id) not valid;
alter table blocks
  drop constraint blocks_creator_fkey,
  add constraint blocks_creator_fkey foreign key (agency_id, created_by) references actors (agency_id, id) not valid;
alter table holds
  drop constraint holds_creator_fkey,
  add constraint holds_creator_fkey foreign key (agency_id, created_by) references actors (agency_id, id) not valid;
alter table properties
  drop constraint properties_owner_fkey,
  add constraint properties_owner_fkey foreign key (agency_id, owner_id) references actors (agency_id, id) not valid;
