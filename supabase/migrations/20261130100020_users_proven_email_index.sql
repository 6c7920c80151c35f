-- roost: no-transaction
-- An address has at most one account that was proven to be its own.
create unique index concurrently if not exists users_proven_email_key on users (email) where local_agency_id is null;
