-- roost: no-transaction
-- Unique where there is a code: most bookings of the agency's own have none, and each had an entry in the index.
create unique index concurrently if not exists bookings_external_partial on bookings (agency_id, source, external_code) where external_code is not null;
