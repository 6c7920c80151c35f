-- roost: no-transaction
drop index concurrently if exists properties_sort_idx;
