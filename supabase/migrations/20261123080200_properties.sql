-- The homes. An owner is a member of the same agency: the composite key makes any other impossible.
create table properties (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  owner_id uuid,
  name text not null constraint properties_name_check check (length(name) between 1 and 255),
  description text constraint properties_description_check check (length(description) <= 10000),
  property_type text not null constraint properties_property_type_check
    check (property_type in ('apartment', 'house', 'villa', 'condo', 'room', 'studio', 'cabin', 'cottage', 'chalet', 'other')),
  bedrooms smallint constraint properties_bedrooms_check check (bedrooms between 0 and 100),
  beds smallint constraint properties_beds_check check (beds between 0 and 500),
  bathrooms numeric(4, 1) constraint properties_bathrooms_check check (bathrooms between 0 and 100 and bathrooms * 2 = floor(bathrooms * 2)),
  max_guests smallint not null constraint properties_max_guests_check check (max_guests between 1 and 500),
  size_sqm integer constraint properties_size_sqm_check check (size_sqm between 1 and 100000),
  address_line1 text constraint properties_address_line1_check check (length(address_line1) <= 200),
  address_line2 text constraint properties_address_line2_check check (length(address_line2) <= 200),
  city text constraint properties_city_check check (length(city) <= 100),
  postal_code text constraint properties_postal_code_check check (length(postal_code) <= 20),
  country char(2) constraint properties_country_check check (country ~ '^[A-Z]{2}$'),
  latitude numeric(8, 5) constraint properties_latitude_check check (latitude between -90 and 90),
  longitude numeric(8, 5) constraint properties_longitude_check check (longitude between -180 and 180),
  check_in_time time not null default '15:00',
  check_out_time time not null default '10:00',
  base_price_cents bigint constraint properties_base_price_cents_check check (base_price_cents between 0 and 100000000000),
  cleaning_fee_cents bigint not null default 0 constraint properties_cleaning_fee_cents_check check (cleaning_fee_cents between 0 and 100000000000),
  currency char(3) not null constraint properties_currency_check check (currency ~ '^[A-Z]{3}$'),
  is_active boolean not null default true,
  source text not null default 'manual' constraint properties_source_check check (source ~ '^[a-z][a-z0-9_]{0,39}$'),
  external_id text constraint properties_external_id_check check (length(external_id) between 1 and 200),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint properties_pkey primary key (agency_id, id),
  constraint properties_owner_fkey foreign key (agency_id, owner_id) references team_members (agency_id, user_id),
  constraint properties_external_key unique (agency_id, source, external_id));
create index properties_name_idx on properties (agency_id, name, id) where deleted_at is null;
create index properties_owner_idx on properties (agency_id, owner_id) where owner_id is not null;
select app.protect('properties');
grant select, insert, update on properties to authenticated;
create policy owner_scope on properties as restrictive for select to authenticated
  using ((select app.is_staff()) or ((select app.app_role()) = 'owner' and owner_id = (select app.user_id())));
create policy write_insert on properties as restrictive for insert to authenticated
  with check ((select app.has_role('admin', 'manager')));
create policy write_update on properties as restrictive for update to authenticated
  using ((select app.has_role('admin', 'manager')));
create trigger touch before update on properties for each row execute function app.touch();
