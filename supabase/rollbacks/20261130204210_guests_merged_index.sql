-- roost: no-transaction
drop index concurrently if exists guests_merged_idx;
