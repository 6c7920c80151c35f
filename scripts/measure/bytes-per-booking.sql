-- How many bytes a booking takes with all that comes with it: 20 agencies of 40 homes, 10,000 bookings each, as the
-- service would have written them over ten years. On an empty, migrated database, as the owner of the schema:
--   psql -v ON_ERROR_STOP=1 -f scripts/measure/bytes-per-booking.sql <database>
-- A booking has its row, in 85 of 100 its nights in the ledger, in 80 a guest of its own, and four rows in the audit log
-- with their seals (created, two changes of the status, one of the payment). Rows come in the order in which they would have
-- been made, so agencies interleave in every index.
set jit = off;
create function pg_temp.id(at timestamptz) returns uuid language sql as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8'
    || substr(md5(random()::text), 1, 15))::uuid $$;
insert into agencies (id, name, slug) select pg_temp.id('2016-01-01'), 'Agency ' || n, 'agency-' || n from generate_series(1, 20) n;
insert into users (id, email, full_name) select pg_temp.id('2016-01-01'), 'person-' || n || '@example.com', 'Person ' || n
  from generate_series(1, 20) n;
insert into team_members (agency_id, id, user_id, role)
  select a.id, pg_temp.id('2016-01-01'), u.id, 'admin' from (select *, row_number() over () n from agencies) a
  join (select *, row_number() over () n from users) u using (n);
insert into properties (agency_id, id, name, property_type, max_guests, currency, description, city, base_price_cents)
  select a.id, pg_temp.id('2016-01-02'), 'Home ' || n, 'house', 6, 'EUR', repeat('A home by the lake. ', 20), 'Village', 12000
  from agencies a, generate_series(1, 40) n;
-- 250 stays in each home, two weeks apart, each made some weeks before it begins.
create temporary table stay as
  select p.agency_id, p.id as property_id, m.user_id, d.check_in, d.check_in + 3 + (random() * 8)::int as check_out,
    d.check_in - (random() * 120)::int + time '08:00' + random() * interval '12 hours' as made_at,
    random() < 0.85 as takes_nights, random() < 0.8 as is_new
  from properties p join team_members m using (agency_id),
    lateral (select date '2016-03-01' + 14 * n as check_in from generate_series(0, 249) n where p.id is not null) d;
alter table stay add id uuid, add guest_id uuid;
update stay set id = pg_temp.id(made_at), guest_id = case when is_new then pg_temp.id(made_at) end;
insert into guests (agency_id, id, first_name, last_name, email, phone, created_at)
  select agency_id, guest_id, 'First' || substr(md5(id::text), 1, 4), 'Lastname' || substr(md5(id::text), 5, 5),
    substr(md5(id::text), 1, 12) || '@example.com', '+49151' || (10000000 + random() * 89999999)::int, made_at
  from stay where is_new order by made_at;
insert into bookings (agency_id, id, reference, property_id, guest_id, status, check_in, check_out, num_adults, source,
    external_code, nightly_rate_cents, subtotal_cents, cleaning_fee_cents, total_cents, currency, payment_status,
    internal_notes, cancelled_at, created_at, confirmed_at, checked_in_at, checked_out_at)
  select agency_id, id, upper(substr(md5(id::text), 1, 5) || '-' || substr(md5(id::text), 6, 5)), property_id, guest_id,
    case when takes_nights then 'checked_out' else 'cancelled' end, check_in, check_out, 2,
    case when random() < 0.5 then 'direct' else 'booking_com' end, case when random() < 0.5 then (4e9 * random())::bigint::text end,
    12000, 12000 * (check_out - check_in), 5000, 12000 * (check_out - check_in) + 5000, 'EUR', 'paid',
    case when random() < 0.3 then 'They arrive late and bring a dog.' end, case when not takes_nights then made_at end,
    made_at, made_at, check_in, check_out
  from stay order by made_at;
insert into occupancies (agency_id, id, property_id, kind, booking_id, during, created_at)
  select agency_id, pg_temp.id(made_at), property_id, 'booking', id, daterange(check_in, check_out), made_at
  from stay where takes_nights order by made_at;
insert into audit_log (agency_id, id, created_at, request_id, actor_id, actor_role, action, entity_type, entity_id, before, after)
  select s.agency_id, pg_temp.id(e.at), e.at, substr(md5(random()::text), 1, 16), s.user_id, 'admin', e.action, 'booking', s.id,
    e.before, e.after
  from stay s join bookings b on b.agency_id = s.agency_id and b.id = s.id, lateral (values
    (s.made_at, 'booking.created', null::jsonb, to_jsonb(b) || '{"property_name": "Home by the lake"}'),
    (s.made_at + interval '1 day', 'booking.updated', '{"version": 1, "payment_status": "pending"}', '{"version": 2, "payment_status": "paid"}'),
    (s.check_in, 'booking.status_changed', '{"status": "confirmed", "version": 2, "checked_in_at": null}',
      jsonb_build_object('status', 'checked_in', 'version', 3, 'checked_in_at', s.check_in::timestamptz)),
    (s.check_out, 'booking.status_changed', '{"status": "checked_in", "version": 3, "checked_out_at": null}',
      jsonb_build_object('status', 'checked_out', 'version', 4, 'checked_out_at', s.check_out::timestamptz))
  ) e (at, action, before, after) order by e.at;
insert into audit_seals (agency_id, seq, audit_id, row_hash, chain_hash, sealed_at)
  select agency_id, row_number() over (partition by agency_id order by created_at), id, sha256(id::text::bytea), sha256(id::text::bytea), created_at
  from audit_log order by created_at;
-- One day's keys: they live for 24 hours.
insert into idempotency_keys (agency_id, actor_id, key, fingerprint, status, headers, body, created_at, expires_at)
  select s.agency_id, s.user_id, s.id::text, sha256(s.id::text::bytea), 201, jsonb_build_object('location', '/api/v1/bookings/' || s.id),
    to_jsonb(b)::text::bytea, now(), now() + interval '1 day'
  from stay s join bookings b on b.agency_id = s.agency_id and b.id = s.id limit 20000;
vacuum analyze;
select c.relname as table, n.rows, pg_relation_size(c.oid) as heap, pg_indexes_size(c.oid) as indexes,
  pg_total_relation_size(c.oid) as total, round(pg_total_relation_size(c.oid) / n.rows::numeric) as bytes_a_row,
  round(pg_total_relation_size(c.oid) / 200000.0) as bytes_a_booking
from pg_class c, lateral (select greatest(c.reltuples::bigint, 1) as rows) n
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples > 100 order by total desc;
select indexrelname as index, pg_relation_size(indexrelid) as bytes, round(pg_relation_size(indexrelid) / 200000.0, 1) as bytes_a_booking
from pg_stat_user_indexes where schemaname = 'public' and relname in ('bookings', 'occupancies', 'guests', 'audit_log', 'audit_seals')
order by 2 desc;
