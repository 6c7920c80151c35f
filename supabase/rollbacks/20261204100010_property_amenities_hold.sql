-- A constraint cannot be made NOT VALID again, only replaced.
alter table properties
  drop constraint properties_amenities_check,
  add constraint properties_amenities_check check (cardinality(amenities) <= 100) not valid;
