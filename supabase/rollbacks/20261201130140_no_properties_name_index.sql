-- roost: no-transaction
create index concurrently if not exists properties_name_idx on properties (agency_id, name, id) where deleted_at is null;
