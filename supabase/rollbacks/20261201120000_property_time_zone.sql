-- Properties that ask for 366 nights ask for 365.
update properties set min_nights = least(min_nights, 365), max_nights = 365 where max_nights = 366;
alter table properties
  drop column time_zone,
  alter column max_nights set default 365,
  drop constraint properties_min_nights_check,
  drop constraint properties_max_nights_check,
  add constraint properties_min_nights_check check (min_nights between 1 and 365),
  add constraint properties_max_nights_check check (max_nights between 1 and 365);
