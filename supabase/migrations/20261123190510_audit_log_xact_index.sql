-- roost: no-transaction
-- Sealing reads what was written since the last time.
create index concurrently if not exists audit_log_xact_idx on audit_log (xact_id);
