-- roost: no-transaction
drop index concurrently if exists sessions_network_idx;
