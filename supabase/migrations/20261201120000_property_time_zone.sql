-- A property may have a time zone of its own, and a stay may have the nights of a leap year.
alter table properties
  add column time_zone text constraint properties_time_zone_check check (length(time_zone) between 1 and 64),
  alter column max_nights set default 366,
  drop constraint properties_min_nights_check,
  drop constraint properties_max_nights_check,
  add constraint properties_min_nights_check check (min_nights between 1 and 366) not valid,
  add constraint properties_max_nights_check check (max_nights between 1 and 366) not valid;
comment on column properties.time_zone is 'IANA name; null: the zone of the agency.';
