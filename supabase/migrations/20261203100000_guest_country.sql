-- The country of a guest: agencies report arrivals by country. Without a default no row is rewritten, and the check reads no row here.
alter table guests
  add column country text,
  add constraint guests_country_check check (country ~ '^[A-Z]{2}$') not valid;
comment on column guests.country is 'Where the guest lives: ISO 3166-1 alpha-2; null: not known.';
