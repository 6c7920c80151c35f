-- roost: no-transaction
-- Properties are listed by name.
create index concurrently if not exists properties_sort_idx on properties (agency_id, sort_name, id) where deleted_at is null;
