-- roost: no-transaction
-- Unique where there is a block: most occupancies are those of bookings.
create unique index concurrently if not exists occupancies_block_partial on occupancies (agency_id, block_id) where block_id is not null;
