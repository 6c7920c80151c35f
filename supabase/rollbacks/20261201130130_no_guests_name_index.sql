-- roost: no-transaction
create index concurrently if not exists guests_name_idx on guests (agency_id, last_name, first_name, id);
