-- roost: no-transaction
drop index concurrently if exists guests_phone_idx;
