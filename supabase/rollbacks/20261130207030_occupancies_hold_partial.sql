-- roost: no-transaction
drop index concurrently if exists occupancies_hold_partial;
