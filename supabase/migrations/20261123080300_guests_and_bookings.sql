-- Guests, bookings, and THE ledger: every night that is taken, by whatever, is in one row of occupancies.
create table guests (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  first_name text not null constraint guests_first_name_check check (length(first_name) between 1 and 100),
  last_name text not null constraint guests_last_name_check check (length(last_name) between 1 and 100),
  email text constraint guests_email_check check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  phone text constraint guests_phone_check check (phone ~ '^\+?[0-9]{7,15}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint guests_pkey primary key (agency_id, id),
  constraint guests_email_key unique (agency_id, email));
select app.protect('guests');
grant select, insert, update on guests to authenticated;
create policy write_insert on guests as restrictive for insert to authenticated
  with check ((select app.has_role('admin', 'manager', 'staff')));
create policy write_update on guests as restrictive for update to authenticated
  using ((select app.has_role('admin', 'manager', 'staff')));
create trigger touch before update on guests for each row execute function app.touch();

create table bookings (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  reference text not null,
  property_id uuid not null,
  guest_id uuid,
  status text not null default 'confirmed' constraint bookings_status_check
    check (status in ('inquiry', 'pending', 'confirmed', 'checked_in', 'checked_out', 'cancelled', 'declined', 'no_show')),
  check_in date not null,
  check_out date not null,
  num_adults smallint not null constraint bookings_num_adults_check check (num_adults between 1 and 500),
  num_children smallint not null default 0 constraint bookings_num_children_check check (num_children between 0 and 500),
  num_infants smallint not null default 0 constraint bookings_num_infants_check check (num_infants between 0 and 500),
  num_pets smallint not null default 0 constraint bookings_num_pets_check check (num_pets between 0 and 100),
  num_guests smallint not null generated always as (num_adults + num_children) stored,
  num_nights integer not null generated always as (check_out - check_in) stored,
  source text not null default 'direct' constraint bookings_source_check
    check (source in ('direct', 'airbnb', 'booking_com', 'expedia', 'fewo_direkt', 'google', 'manual', 'other')),
  external_code text constraint bookings_external_code_check check (length(external_code) between 1 and 200),
  nightly_rate_cents bigint constraint bookings_nightly_rate_cents_check check (nightly_rate_cents between 0 and 100000000000),
  subtotal_cents bigint not null constraint bookings_subtotal_cents_check check (subtotal_cents between 0 and 100000000000),
  cleaning_fee_cents bigint not null default 0 constraint bookings_cleaning_fee_cents_check check (cleaning_fee_cents between 0 and 100000000000),
  tax_cents bigint not null default 0 constraint bookings_tax_cents_check check (tax_cents between 0 and 100000000000),
  total_cents bigint not null constraint bookings_total_cents_check check (total_cents between 0 and 100000000000),
  currency char(3) not null constraint bookings_currency_check check (currency ~ '^[A-Z]{3}$'),
  payment_status text not null default 'pending' constraint bookings_payment_status_check
    check (payment_status in ('pending', 'partial', 'paid', 'refunded', 'partial_refund', 'failed', 'external')),
  guest_message text constraint bookings_guest_message_check check (length(guest_message) <= 5000),
  internal_notes text constraint bookings_internal_notes_check check (length(internal_notes) <= 5000),
  cancelled_at timestamptz,
  cancelled_by text constraint bookings_cancelled_by_check check (cancelled_by in ('guest', 'host', 'platform', 'system')),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint bookings_pkey primary key (agency_id, id),
  constraint bookings_reference_key unique (agency_id, reference),
  constraint bookings_external_key unique (agency_id, source, external_code),
  constraint bookings_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint bookings_guest_fkey foreign key (agency_id, guest_id) references guests (agency_id, id) on delete set null (guest_id),
  constraint bookings_total_check check (total_cents = subtotal_cents + cleaning_fee_cents + tax_cents),
  constraint bookings_stay_check check (check_out > check_in and check_out - check_in <= 366),
  constraint bookings_years_check check (check_in >= '2000-01-01' and check_out <= '2100-12-31'),
  constraint bookings_cancelled_check check ((status = 'cancelled') = (cancelled_at is not null) and (cancelled_by is null or status = 'cancelled')));
create index bookings_check_in_idx on bookings (agency_id, check_in desc, id desc);
create index bookings_property_idx on bookings (agency_id, property_id, check_in desc, id desc);
create index bookings_guest_idx on bookings (agency_id, guest_id) where guest_id is not null;
select app.protect('bookings');
grant select, insert, update on bookings to authenticated;
create policy owner_scope on bookings as restrictive for select to authenticated
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
create policy write_insert on bookings as restrictive for insert to authenticated
  with check ((select app.has_role('admin', 'manager', 'staff')));
create policy write_update on bookings as restrictive for update to authenticated
  using ((select app.has_role('admin', 'manager')));
create trigger touch before update on bookings for each row execute function app.touch();

-- Guests of an owner's own houses are visible to that owner as rows; which columns is the API's business.
create policy guest_scope on guests as restrictive for select to authenticated
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and id in (select b.guest_id from bookings b)));

-- A freed night is a deleted row; the booking itself stays. Half-open: the departure day is free for arrival.
create table occupancies (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  property_id uuid not null,
  kind text not null constraint occupancies_kind_check check (kind in ('booking', 'block', 'hold', 'channel')),
  booking_id uuid,
  during daterange not null constraint occupancies_during_check
    check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
  created_at timestamptz not null default now(),
  constraint occupancies_pkey primary key (agency_id, id),
  constraint occupancies_booking_key unique (agency_id, booking_id),
  constraint occupancies_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint occupancies_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id),
  constraint occupancies_kind_booking_check check ((kind = 'booking') = (booking_id is not null)),
  constraint occupancies_no_overlap exclude using gist (agency_id with =, property_id with =, during with &&));
select app.protect('occupancies');
grant select, insert, update, delete on occupancies to authenticated;
create policy owner_scope on occupancies as restrictive for select to authenticated
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
create policy write_insert on occupancies as restrictive for insert to authenticated
  with check ((select app.has_role('admin', 'manager', 'staff')));
create policy write_update on occupancies as restrictive for update to authenticated
  using ((select app.has_role('admin', 'manager')));
create policy write_delete on occupancies as restrictive for delete to authenticated
  using ((select app.has_role('admin', 'manager')));
