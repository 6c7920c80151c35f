-- A constraint cannot be made NOT VALID again, only replaced.
alter table guests
  drop constraint guests_country_check,
  add constraint guests_country_check check (country ~ '^[A-Z]{2}$') not valid;
