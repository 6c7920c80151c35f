-- roost: no-transaction
-- The guests merged into one, for its erasure and export.
create index concurrently if not exists guests_merged_idx on guests (agency_id, merged_into_id) where merged_into_id is not null;
