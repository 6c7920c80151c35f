-- roost: no-transaction
drop index concurrently if exists guests_sort_idx;
