-- A guest may be forgotten: the row stays for the bookings' sake, the person in it does not.
alter table guests add column anonymised_at timestamptz;
alter table guests add constraint guests_anonymised_check
  check (anonymised_at is null or (email is null and phone is null)) not valid;
alter table guests validate constraint guests_anonymised_check;
