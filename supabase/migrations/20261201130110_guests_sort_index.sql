-- roost: no-transaction
-- Guests are listed by name.
create index concurrently if not exists guests_sort_idx on guests (agency_id, sort_name, id);
