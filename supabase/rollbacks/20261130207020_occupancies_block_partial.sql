-- roost: no-transaction
drop index concurrently if exists occupancies_block_partial;
