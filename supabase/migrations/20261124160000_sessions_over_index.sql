-- roost: no-transaction
-- The daily purge looks for sessions that have been over for a month: without this it read every session there is.
create index concurrently if not exists sessions_over_idx on sessions (least(expires_at, ended_at));
