-- What a channel said last about each of its bookings. An import compares the file with these facts, not with the booking, so
-- that the changes of the office stay. No personal data: the guest is on the booking.
create table channel_bookings (
  agency_id uuid not null references agencies (id),
  source text not null
    constraint channel_bookings_source_check check (source in ('direct', 'airbnb', 'booking_com', 'expedia', 'fewo_direkt', 'google', 'manual', 'other')),
  external_code text not null constraint channel_bookings_code_check check (length(external_code) between 1 and 200),
  booking_id uuid not null,
  facts jsonb not null constraint channel_bookings_facts_check check (jsonb_typeof(facts) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint channel_bookings_pkey primary key (agency_id, source, external_code),
  constraint channel_bookings_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id));
create index channel_bookings_booking_idx on channel_bookings (agency_id, booking_id);
select app.protect('channel_bookings');
grant select, insert, update on channel_bookings to roost_tenant;
create policy operator_only on channel_bookings as restrictive for all to roost_tenant
  using ((select app.has_role('operator'))) with check ((select app.has_role('operator')));
create trigger touch before update on channel_bookings for each row execute function app.touch();
