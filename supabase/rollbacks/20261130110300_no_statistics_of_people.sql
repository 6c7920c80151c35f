alter table guests
  alter column first_name set statistics -1, alter column last_name set statistics -1,
  alter column email set statistics -1, alter column phone set statistics -1;
alter table bookings
  alter column guest_message set statistics -1, alter column internal_notes set statistics -1,
  alter column cancellation_reason set statistics -1;
alter table holds alter column notes set statistics -1;
alter table blocks alter column notes set statistics -1;
alter table audit_log alter column before set statistics -1, alter column after set statistics -1;
alter table idempotency_keys
  alter column key set statistics -1, alter column fingerprint set statistics -1,
  alter column headers set statistics -1, alter column body set statistics -1;
