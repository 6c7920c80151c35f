alter table bookings add constraint bookings_agency_id_fkey foreign key (agency_id) references agencies (id);
alter table occupancies add constraint occupancies_agency_id_fkey foreign key (agency_id) references agencies (id);
alter table holds add constraint holds_agency_id_fkey foreign key (agency_id) references agencies (id);
alter table blocks add constraint blocks_agency_id_fkey foreign key (agency_id) references agencies (id);
alter table idempotency_keys add constraint idempotency_keys_agency_id_fkey foreign key (agency_id) references agencies (id);
