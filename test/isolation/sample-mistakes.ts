// Statements with a missing or wrong agency filter. The audit must report each.

/** Mistake -> statement, and text of a problem that must be reported. */
export const mistaken: Record<string, readonly [text: string, problem: RegExp]> = {
  'no filter at all': ['select id from bookings', /^bookings is not filtered by agency_id/],
  'a lookup by id alone': ['select id from bookings where id = $1', /^bookings is not filtered/],
  'agencies without its key': ['select name from agencies where slug = $1', /^agencies is not filtered by id/],
  'the filter combined with OR': ['select id from guests where agency_id = $1 or email = $2', /^guests is not/],
  'an optional filter': ['select id from guests where ($1::uuid is null or agency_id = $1)', /^guests is not/],
  'a negated filter': ['select id from guests where not (agency_id = $1)', /^guests is not/],
  'the column equal to itself': ['select id from guests where agency_id = agency_id', /^guests is not/],
  'a fallback to the column itself': ['select id from guests where agency_id = coalesce($1, agency_id)', /^guests is/],
  'the column is not null': ['select id from guests where agency_id is not null', /^guests is not/],
  unequal: ['select id from guests where agency_id <> $1', /^guests is not/],
  'greater or equal': ['select id from guests where agency_id >= $1', /^guests is not/],
  'a list of agencies': ['select id from guests where agency_id = any($1)', /^guests is not/],
  'in: an unfiltered subquery': [
    'select id from guests where agency_id in (select agency_id from team_members)',
    /^guests is not/,
  ],
  'in: memberships of a user': [
    'select id from guests where agency_id in (select agency_id from team_members where user_id = $1)',
    /^team_members is not/,
  ],
  'in: the columns in the wrong order': [
    'select 1 from guests where (id, agency_id) in (select b.agency_id, b.guest_id from bookings b where b.agency_id = $1)',
    /^guests is not/,
  ],
  'not in a filtered subquery': [
    'select id from guests where agency_id not in (select b.agency_id from bookings b where b.agency_id = $1)',
    /^guests is not/,
  ],
  'the agency of any member': [
    'select id from guests where agency_id = (select agency_id from team_members limit 1)',
    /^guests is not/,
  ],
  'two tables that are only compared with each other': [
    'select 1 from bookings b join guests g on g.agency_id = b.agency_id',
    /^bookings as b is not/,
  ],
  'a filter on the wrong alias': [
    'select 1 from bookings b join bookings c on c.id = b.id where b.agency_id = $1 and b.agency_id = $1',
    /^bookings as c is not/,
  ],
  'a join by id alone': [
    'select 1 from bookings b join properties p on p.id = b.property_id where b.agency_id = $1',
    /^properties as p is not/,
  ],
  'agency compared with another column': [
    'select 1 from bookings b join properties p on p.agency_id = b.id where b.agency_id = $1',
    /^properties as p is not/,
  ],
  'a row comparison in the wrong order': [
    'select 1 from bookings b join guests g on (g.agency_id, g.id) = (b.guest_id, b.agency_id) where b.agency_id = $1',
    /^guests as g is not/,
  ],
  'a left join filtered only on its left side': [
    'select 1 from bookings b left join guests g on g.id = b.guest_id where b.agency_id = $1',
    /^guests as g is not.*in the ON of its outer join/,
  ],
  'a left join whose ON filters the wrong side': [
    'select 1 from bookings b left join guests g on b.agency_id = $1 and g.id = b.guest_id',
    /^bookings as b is not/,
  ],
  'a left join filtered in WHERE': [
    'select 1 from bookings b left join guests g on g.id = b.guest_id where b.agency_id = $1 and g.agency_id = $1',
    /^guests as g is not.*in the ON/,
  ],
  'the kept side of a right join': [
    'select 1 from bookings b right join guests g on g.agency_id = b.agency_id and b.agency_id = $1',
    /^guests as g is not/,
  ],
  'a right join whose ON filters the kept side': [
    'select 1 from bookings b right join guests g on g.agency_id = $1 and g.id = b.guest_id',
    /^guests as g is not/,
  ],
  'a full join': [
    'select 1 from bookings b full join guests g on g.agency_id = b.agency_id and b.agency_id = $1',
    /^bookings as b is not/,
  ],
  'a natural join': ['select 1 from bookings natural join guests where agency_id = $1', /agency_id is ambiguous here/],
  'an ambiguous column name': [
    'select 1 from bookings b, guests g where agency_id = $1',
    /^agency_id is ambiguous here \(b, g\)/,
  ],
  'a column name of the inner table': [
    'select 1 from agencies where id = $1 and exists (select from bookings b where b.agency_id = id)',
    /^bookings as b is not/,
  ],
  'a column merged by a full join': [
    `with x as (select agency_id from visits full join (select agency_id from bookings where agency_id = $1) b
     using (agency_id)) select 1 from x join guests g on g.agency_id = x.agency_id`,
    /^guests as g is not/,
  ],
  'an outer alias that is shadowed by a query in FROM': [
    `select 1 from visits v where exists (select from properties v,
     (select from bookings b where b.agency_id = v.agency_id) x where v.agency_id = $1)`,
    /^bookings as b is not/,
  ],
  'using only the id': [
    'select 1 from bookings b join occupancies o using (property_id) where b.agency_id = $1',
    /^occupancies as o is not/,
  ],
  'a subquery without the filter': [
    'select p.id from properties p where p.agency_id = $1 and exists (select from bookings b where b.property_id = p.id)',
    /^bookings as b is not/,
  ],
  'a subquery that filters only the outer row': [
    'select 1 from properties p where exists (select from bookings b where b.agency_id = $1 and p.agency_id = b.agency_id)',
    /^properties as p is not/,
  ],
  'a subquery in the select list': [
    'select (select count(*) from bookings) from properties where agency_id = $1',
    /^bookings is not/,
  ],
  'a filter outside the query in FROM': [
    'select 1 from (select * from bookings) b where b.agency_id = $1',
    /^bookings is not/,
  ],
  'a lateral join without the filter': [
    'select 1 from properties p, lateral (select from bookings b where b.property_id = p.id) x where p.agency_id = $1',
    /^bookings as b is not/,
  ],
  'one arm of a union': [
    'select id from bookings where agency_id = $1 union all select id from guests',
    /^guests is not/,
  ],
  'the second arm of EXCEPT': [
    'select id from bookings where agency_id = $1 except select booking_id from occupancies',
    /^occupancies is not/,
  ],
  'an unfiltered CTE': [
    'with b as (select * from bookings) select 1 from b where b.agency_id = $1',
    /^bookings is not/,
  ],
  'a CTE that renames another column to agency_id': [
    `with b as (select property_id as agency_id from bookings where agency_id = $1)
     select 1 from b join guests g on g.agency_id = b.agency_id`,
    /^guests as g is not/,
  ],
  'a recursive query that leaves its agency': [
    `with recursive c as (select agency_id, id from bookings where agency_id = $1
     union select b.id, b.agency_id from c join bookings b on b.agency_id = c.agency_id) select 1 from c`,
    /^bookings as b is not/,
  ],
  'agencies from a list': [
    'select 1 from unnest($1::uuid[]) as a(agency_id) join bookings b on b.agency_id = a.agency_id',
    /^bookings as b is not/,
  ],
  'a cast that makes agencies equal': ['select 1 from guests where agency_id::char(1) = $1', /^guests is not/],
  'a query in FROM whose columns are renamed': [
    `select 1 from (select agency_id, guest_id from bookings where agency_id = $1) b(guest_id, agency_id)
     join guests g on g.agency_id = b.agency_id`,
    /^guests as g is not/,
  ],
  'an insert whose columns follow a star': [
    `insert into occupancies (id, agency_id) select u.*, b.agency_id from users u, bookings b where b.agency_id = $1`,
    /^occupancies is not/,
  ],
  'an update without the filter': ['update bookings set status = $1 where id = $2', /^bookings is not/],
  'an update that moves a row': [
    'update bookings set agency_id = $2 where agency_id = $1',
    /^bookings sets agency_id: a row never moves/,
  ],
  'an update from an unfiltered table': [
    'update bookings b set status = $2 from guests g where b.agency_id = $1 and g.id = b.guest_id',
    /^guests as g is not/,
  ],
  'an update whose target is unfiltered': [
    'update bookings b set status = $2 from guests g where g.agency_id = $1 and g.id = b.guest_id',
    /^bookings as b is not/,
  ],
  'an update with a cursor': ['update bookings set status = $1 where current of c', /^bookings is not/],
  'a delete without the filter': ['delete from occupancies where booking_id = $1', /^occupancies is not/],
  'a delete using an unfiltered table': [
    'delete from occupancies o using bookings b where o.agency_id = $1 and b.id = o.booking_id',
    /^bookings as b is not/,
  ],
  'a purge by time': ['delete from idempotency_keys where expires_at < now()', /^idempotency_keys is not/],
  'a subquery in RETURNING': [
    'delete from bookings where agency_id = $1 returning (select count(*) from guests)',
    /^guests is not/,
  ],
  'an insert without the agency': ['insert into guests (id, email) values ($1, $2)', /name it among the inserted/],
  'an insert without column names': ['insert into guests values ($1, $2)', /^guests is not filtered.*name it among/],
  'an insert with the default agency': ['insert into guests (agency_id) values (default)', /^guests is not/],
  'an insert of default values': ['insert into guests default values', /^guests is not/],
  'an insert with a generated agency': ['insert into guests (agency_id) values (gen_random_uuid())', /^guests is not/],
  'an insert from an unfiltered table': [
    'insert into occupancies (agency_id, id) select b.agency_id, b.id from bookings b where b.id = $1',
    /^occupancies is not/,
  ],
  'an insert from the wrong column': [
    'insert into occupancies (agency_id, id) select b.id, b.agency_id from bookings b where b.agency_id = $1',
    /^occupancies is not/,
  ],
  'an insert whose second row has another value': [
    'insert into guests (agency_id, id) values ($1, $2), (default, $3)',
    /^guests is not/,
  ],
  'an upsert on an index without the agency': [
    'insert into guests (agency_id, email) values ($1, $2) on conflict (email) do update set email = excluded.email',
    /^on conflict must name agency_id in its target \(guests\)/,
  ],
  'on conflict without a target': [
    'insert into guests (agency_id, id) values ($1, $2) on conflict do nothing',
    /^on conflict must name agency_id/,
  ],
  'an upsert that moves a row': [
    `insert into guests (agency_id, email) values ($1, $2) on conflict (agency_id, email)
     do update set agency_id = excluded.agency_id`,
    /^guests sets agency_id/,
  ],
  'a subquery inside an upsert': [
    `insert into guests (agency_id, email) values ($1, $2) on conflict (agency_id, email)
     do update set phone = (select phone from guests g where g.email = excluded.email limit 1)`,
    /^guests as g is not/,
  ],
  merge: [
    'merge into guests g using bookings b on g.agency_id = b.agency_id when matched then delete',
    /^guests occurs where the audit cannot follow \(MergeStmt\)/,
  ],
  truncate: ['truncate bookings', /^bookings occurs where/],
  copy: ['copy (select * from bookings) to stdout', /^bookings occurs where/],
  'a view over all agencies': ['create view v as select id from bookings', /^bookings occurs where/],
  'a code block': ['do $$ begin delete from bookings; end $$', /^bookings is named inside a code block/],
  'explain of an unfiltered statement': ['explain select 1 from bookings', /^bookings is not/],
  'two statements in one text': [
    'select 1; select 1 from bookings where agency_id = $1',
    /^several statements in one text/,
  ],
  'text that is not SQL': ['select from where', /^cannot be parsed: syntax error/],
}
