-- What guests find in a property. The API knows the names (features/properties/amenities.ts).
alter table properties
  add column amenities text[] not null default '{}',
  add constraint properties_amenities_check check (cardinality(amenities) <= 100) not valid;
comment on column properties.amenities is 'Names such as wifi, in the order of the list of the API.';
