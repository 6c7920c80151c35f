alter index bookings_external_key rename to bookings_external_partial;
alter index occupancies_block_key rename to occupancies_block_partial;
alter index occupancies_hold_key rename to occupancies_hold_partial;
alter table bookings add constraint bookings_external_key unique (agency_id, source, external_code);
alter table occupancies
  add constraint occupancies_block_key unique (agency_id, block_id),
  add constraint occupancies_hold_key unique (agency_id, hold_id);
