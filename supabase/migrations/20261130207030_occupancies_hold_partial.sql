-- roost: no-transaction
-- Unique where there is a hold: most occupancies are those of bookings.
create unique index concurrently if not exists occupancies_hold_partial on occupancies (agency_id, hold_id) where hold_id is not null;
