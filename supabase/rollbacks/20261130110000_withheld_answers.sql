-- A withheld answer has no body any more, and without its mark an empty one would be repeated: such keys are given up.
delete from idempotency_keys where withheld is not null;
drop policy withhold_update on idempotency_keys;
drop policy withhold_select on idempotency_keys;
revoke select, update on idempotency_keys from roost_auth;
drop function app.withhold_answers(uuid[]);
alter table idempotency_keys drop column withheld, drop column entity_ids, drop column own_properties, drop column actor_role;
