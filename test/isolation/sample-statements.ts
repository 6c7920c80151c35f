// Statements in the style of the features, each filtered by agency. The audit must accept all of them.

/** Tenant table -> the column with its agency, for the samples. */
export const tenantTables = new Map([
  ...['properties', 'bookings', 'occupancies', 'guests', 'team_members', 'audit_log', 'idempotency_keys'].map(
    (table) => [table, 'agency_id'] as const,
  ),
  ['agencies', 'id'] as const,
])

/** Case -> statement, and the expected filter of each table in it. */
export const filtered: Record<string, readonly [text: string, ...filters: string[]]> = {
  'a lookup by key': ['select id, name from properties where agency_id = $1 and id = $2', 'properties.agency_id = $1'],
  'the parameter on the left': ['select id from guests g where $1 = g.agency_id', 'g.agency_id = $1'],
  'a cast parameter': ['select id from guests where agency_id = $1::uuid', 'guests.agency_id = $1::uuid'],
  'the agency of the context': [
    'select id from bookings where agency_id = app.agency_id()',
    'bookings.agency_id = app.agency_id()',
  ],
  'the agency of the context, once per query': [
    'select id from bookings where agency_id = (select app.agency_id())',
    'bookings.agency_id = (select app.agency_id())',
  ],
  'agencies by its own key': ['select name from agencies where id = $1 and deleted_at is null', 'agencies.id = $1'],
  'a schema-qualified table': ['select id from public.guests where agency_id = $1', 'guests.agency_id = $1'],
  'optional filters, added and nested': [
    `select id from bookings b where b.agency_id = $1 and (b.status = any($2) and ($3::uuid is null or b.property_id = $3))
     and b.check_in >= $4 order by b.check_in desc, b.id desc limit $5`,
    'b.agency_id = $1',
  ],
  'a keyset page': [
    'select id from bookings where agency_id = $1 and (check_in, id) < ($2, $3) order by check_in desc, id desc limit $4',
    'bookings.agency_id = $1',
  ],
  'an inner join by the agency of a filtered table': [
    `select b.id, p.name from bookings b join properties p on p.agency_id = b.agency_id and p.id = b.property_id
     where b.agency_id = $1`,
    'b.agency_id = $1',
    'p.agency_id = b.agency_id',
  ],
  'a chain of equal agencies': [
    `select 1 from bookings b, properties p, team_members m where m.agency_id = p.agency_id and p.agency_id = b.agency_id
     and b.agency_id = $1`,
    'b.agency_id = $1',
    'p.agency_id = b.agency_id',
    'm.agency_id = p.agency_id',
  ],
  'a row comparison': [
    `select b.id from bookings b join occupancies o on (o.agency_id, o.booking_id) = (b.agency_id, b.id)
     where b.agency_id = $1`,
    'b.agency_id = $1',
    'o.agency_id = b.agency_id',
  ],
  'a join using the agency, its bare name in the filter': [
    `select o.id, agency_id from properties p join occupancies o using (agency_id) where agency_id = $1
     and o.property_id = p.id`,
    'p.agency_id = $1',
    'o.agency_id = p.agency_id',
  ],
  'left joins filtered in their ON': [
    `select b.id, g.email, m.role from bookings b
     left join guests g on g.agency_id = b.agency_id and g.id = b.guest_id
     left join team_members m on m.agency_id = g.agency_id and m.user_id = $2 where b.agency_id = $1`,
    'b.agency_id = $1',
    'g.agency_id = b.agency_id',
    'm.agency_id = g.agency_id',
  ],
  'a right join': [
    `select b.id from guests g right join bookings b on g.agency_id = b.agency_id and g.id = b.guest_id
     where b.agency_id = $1`,
    'b.agency_id = $1',
    'g.agency_id = b.agency_id',
  ],
  'an anti join': [
    `select p.id from properties p left join occupancies o on o.agency_id = p.agency_id and o.property_id = p.id
     and o.during && daterange($2, $3) where p.agency_id = $1 and o.id is null`,
    'p.agency_id = $1',
    'o.agency_id = p.agency_id',
  ],
  'exists and not exists, correlated by agency': [
    `select p.id from properties p where p.agency_id = $1
     and not exists (select from occupancies o where o.agency_id = p.agency_id and o.property_id = p.id)
     and (exists (select from bookings b where b.agency_id = p.agency_id and b.property_id = p.id) or p.is_active)`,
    'p.agency_id = $1',
    'o.agency_id = p.agency_id',
    'b.agency_id = p.agency_id',
  ],
  'keys from a filtered subquery': [
    `select id from guests where (agency_id, id) in (select b.agency_id, b.guest_id from bookings b where b.agency_id = $1)`,
    'guests.agency_id = (select b.agency_id)',
    'b.agency_id = $1',
  ],
  'a subquery in the select list and in ORDER BY': [
    `select p.id, (select count(*) from bookings b where b.agency_id = p.agency_id and b.property_id = p.id) as num_bookings
     from properties p where p.agency_id = $1
     order by (select max(o.created_at) from occupancies o where o.agency_id = p.agency_id)`,
    'p.agency_id = $1',
    'b.agency_id = p.agency_id',
    'o.agency_id = p.agency_id',
  ],
  'a lateral join': [
    `select p.id, next.check_in from properties p left join lateral (select b.check_in from bookings b
     where b.agency_id = p.agency_id and b.property_id = p.id order by b.check_in limit 1) next on true
     where p.agency_id = $1`,
    'p.agency_id = $1',
    'b.agency_id = p.agency_id',
  ],
  'a CTE and a join to it': [
    `with free as (select agency_id, id from properties where agency_id = $1)
     select b.id from free f join bookings b on b.agency_id = f.agency_id and b.property_id = f.id`,
    'properties.agency_id = $1',
    'b.agency_id = f.agency_id (f.agency_id is properties.agency_id)',
  ],
  'a CTE with the name of a tenant table': [
    'with bookings as (select * from bookings where agency_id = $1) select count(*) from bookings',
    'bookings.agency_id = $1',
  ],
  'a recursive query that keeps its agency': [
    `with recursive chain as (select agency_id, id, guest_id from bookings where agency_id = $1 and id = $2
     union select b.agency_id, b.id, b.guest_id from chain c join bookings b on b.agency_id = c.agency_id
     and b.guest_id = c.guest_id) select id from chain`,
    'bookings.agency_id = $1',
    'b.agency_id = c.agency_id (c.agency_id is the rows chain already has)',
  ],
  'both arms of a union': [
    `select 'booking', id from bookings where agency_id = $1 union all select 'guest', id from guests where agency_id = $1
     order by 1`,
    'bookings.agency_id = $1',
    'guests.agency_id = $1',
  ],
  'a query in FROM, joined through its star': [
    `select g.id from (select * from bookings where agency_id = $1) b join guests g on g.agency_id = b.agency_id
     and g.id = b.guest_id`,
    'bookings.agency_id = $1',
    'g.agency_id = b.agency_id (b.agency_id is bookings.agency_id)',
  ],
  'a locked read': [
    'select id from properties where agency_id = $1 for update of properties',
    'properties.agency_id = $1',
  ],
  'an insert': [
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id) values ($1, $2, $3, $4, $5, $6)`,
    'agency_id := $1',
  ],
  'an insert of several rows': [
    'insert into guests (id, agency_id, first_name, last_name) values ($1, $2::uuid, $3, $4), ($5, $2::uuid, $6, $7)',
    'agency_id := $2::uuid',
  ],
  'an upsert on an index with the agency': [
    `insert into guests (agency_id, id, first_name, last_name, email) values ($1, $2, $3, $4, $5)
     on conflict (agency_id, lower(email)) do update set first_name = excluded.first_name
     where guests.first_name <> excluded.first_name returning id`,
    'agency_id := $1',
  ],
  'an upsert on a named constraint, which is reported': [
    `insert into guests (agency_id, id, first_name, last_name) values ($1, $2, $3, $4)
     on conflict on constraint guests_email_key do nothing`,
    'agency_id := $1; on conflict on constraint guests_email_key',
  ],
  'an insert from a filtered table': [
    `insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
     select b.agency_id, $3, b.property_id, 'booking', b.id, daterange(b.check_in, b.check_out)
     from bookings b where b.agency_id = $1 and b.id = $2`,
    'agency_id := b.agency_id',
    'b.agency_id = $1',
  ],
  'an insert of a batch under one parameter': [
    `insert into guests (agency_id, id, first_name, last_name)
     select $1, r.id, r.first_name, r.last_name from jsonb_to_recordset($2) as r(id uuid, first_name text, last_name text)`,
    'agency_id := $1',
  ],
  'an update with a subquery': [
    `update bookings set (status, version) = (select $3, max(b.version) + 1 from bookings b
     where b.agency_id = bookings.agency_id and b.id = $2) where agency_id = $1 and id = $2 returning id, status`,
    'bookings.agency_id = $1',
    'b.agency_id = bookings.agency_id',
  ],
  'an update from another table': [
    `update occupancies o set during = daterange(b.check_in, b.check_out) from bookings b
     where o.agency_id = b.agency_id and o.booking_id = b.id and b.agency_id = $1`,
    'b.agency_id = $1',
    'o.agency_id = b.agency_id',
  ],
  'a delete using another table': [
    `delete from occupancies o using bookings b where b.agency_id = $1 and o.agency_id = b.agency_id
     and o.booking_id = b.id and b.status = 'cancelled'`,
    'b.agency_id = $1',
    'o.agency_id = b.agency_id',
  ],
  'a change in a CTE, with its rows used': [
    `with gone as (delete from occupancies where agency_id = $1 and booking_id = $2 returning agency_id, property_id)
     update properties p set version = p.version + 1 from gone where p.agency_id = gone.agency_id and p.id = gone.property_id`,
    'occupancies.agency_id = $1',
    'p.agency_id = gone.agency_id (gone.agency_id is occupancies.agency_id)',
  ],
  'a user and the membership': [
    `select u.email, m.role from team_members m join users u on u.id = m.user_id where m.agency_id = $1`,
    'm.agency_id = $1',
  ],
}
