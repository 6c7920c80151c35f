-- roost: no-transaction
-- An agency has at most one unproven account for an address.
create unique index concurrently if not exists users_local_email_key on users (local_agency_id, email) where local_agency_id is not null;
