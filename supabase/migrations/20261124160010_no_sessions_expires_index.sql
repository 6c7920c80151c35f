-- roost: no-transaction
-- contract: made for the purge, which could not use it; nothing else looks for sessions by their end alone.
drop index concurrently if exists sessions_expires_idx;
