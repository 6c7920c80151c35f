-- roost: no-transaction
-- Holds whose notes are due to be removed; with its notes a hold leaves the index.
create index concurrently if not exists holds_notes_idx on holds (expires_at) where notes is not null and booking_id is null;
