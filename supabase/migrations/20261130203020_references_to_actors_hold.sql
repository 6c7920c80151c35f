-- Every row refers to an actor of its agency.
alter table idempotency_keys validate constraint idempotency_keys_actor_fkey;
alter table audit_log validate constraint audit_log_actor_fkey;
alter table blocks validate constraint blocks_creator_fkey;
alter table holds validate constraint holds_creator_fkey;
alter table properties validate constraint properties_owner_fkey;
