-- roost: no-transaction
drop index concurrently if exists sessions_ended_idx;
