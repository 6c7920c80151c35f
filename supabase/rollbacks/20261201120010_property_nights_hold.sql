-- A constraint cannot be made NOT VALID again, only replaced.
alter table properties
  drop constraint properties_min_nights_check,
  drop constraint properties_max_nights_check,
  add constraint properties_min_nights_check check (min_nights between 1 and 366) not valid,
  add constraint properties_max_nights_check check (max_nights between 1 and 366) not valid;
