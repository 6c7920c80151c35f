-- roost: no-transaction
drop index concurrently if exists sessions_over_idx;
