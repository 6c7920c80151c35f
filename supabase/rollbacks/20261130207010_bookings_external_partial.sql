-- roost: no-transaction
drop index concurrently if exists bookings_external_partial;
