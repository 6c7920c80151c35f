-- Withheld rows stay: without body and fingerprint they still keep their request from being carried out again.
drop policy withhold_update on idempotency_keys;
drop policy withhold_select on idempotency_keys;
revoke select, update on idempotency_keys from roost_auth;
drop function app.withhold_answers(uuid[]);
alter table idempotency_keys drop column withheld, drop column entity_ids, drop column own_properties, drop column actor_role;
