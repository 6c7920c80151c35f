-- roost: no-transaction
create index concurrently if not exists sessions_expires_idx on sessions (expires_at);
