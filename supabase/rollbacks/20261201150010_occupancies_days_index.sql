-- roost: no-transaction
drop index concurrently if exists occupancies_days_idx;
