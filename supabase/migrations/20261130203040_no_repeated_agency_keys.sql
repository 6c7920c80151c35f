-- A row whose property or actor is of its agency is itself of an agency that exists: the check of agency_id alone repeated
-- that for each booking, occupancy and idempotency key. Agencies are never deleted.
alter table bookings drop constraint bookings_agency_id_fkey;
alter table occupancies drop constraint occupancies_agency_id_fkey;
alter table holds drop constraint holds_agency_id_fkey;
alter table blocks drop constraint blocks_agency_id_fkey;
alter table idempotency_keys drop constraint idempotency_keys_agency_id_fkey;
