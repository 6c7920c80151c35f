-- Countries of guests for reports. Accountants see no guests, but their reports count arrivals by country: they get ids and countries of the
-- agency in the claims, and no name or contact. Owners read the guests of their own bookings instead.
grant select (agency_id, id, country) on guests to roost_auth;
create policy country_statistics on guests for select to roost_auth using (agency_id = (select app.agency_id()));
create function app.guest_countries() returns table (guest_id uuid, country text)
language sql stable security definer set search_path = '' rows 10000 as $$
  select g.id, g.country from public.guests g
  where g.agency_id = app.agency_id() and g.country is not null and app.has_role('admin', 'manager', 'accountant')
$$;
grant create on schema app to roost_auth;
alter function app.guest_countries() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.guest_countries() from public;
grant execute on function app.guest_countries() to roost_tenant;
