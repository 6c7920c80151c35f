-- destroys: idempotency_keys
drop table idempotency_keys;
