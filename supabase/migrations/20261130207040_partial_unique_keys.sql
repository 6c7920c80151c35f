-- The partial indexes of the last migrations replace the constraints, under the same names.
alter table bookings drop constraint bookings_external_key;
alter index bookings_external_partial rename to bookings_external_key;
alter table occupancies drop constraint occupancies_block_key, drop constraint occupancies_hold_key;
alter index occupancies_block_partial rename to occupancies_block_key;
alter index occupancies_hold_partial rename to occupancies_hold_key;
