-- Who acts in an agency: a person, an API key, a job or the operator. Rows of the agency refer to this table and to no
-- user, so that an agency can be moved to another server without the accounts of its people (docs/adr/0022).
create table actors (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  kind text not null constraint actors_kind_check check (kind in ('person', 'api_key', 'job', 'operator')),
  name text,
  created_at timestamptz not null default now(),
  constraint actors_pkey primary key (agency_id, id),
  constraint actors_name_check check (length(name) between 1 and 200),
  constraint actors_named_check check ((kind in ('person', 'api_key')) = (name is not null)));
comment on column actors.id is 'A person has the id of the user. Without a foreign key: the users may be in another database.';
comment on column actors.name is 'The full name of the user, or the label of the key. Null for the operator and for jobs.';
select app.protect('actors');
grant select on actors to roost_tenant;
create policy reads on actors as restrictive for select to roost_tenant
  using ((select app.has_role('admin', 'manager'))
    or ((select app.is_member()) and id = (select app.user_id())));

-- An actor is made with the agency or the membership, and remains when the membership ends.
grant select, insert, update (name) on actors to roost_auth;
create policy keeping on actors to roost_auth using (true) with check (true);
create function app.keep_actors() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'agencies' then
    insert into public.actors (agency_id, id, kind) values
      (new.id, '00000000-0000-8000-8000-000000000001', 'operator'),
      (new.id, '00000000-0000-8000-8000-000000000002', 'job');
  elsif tg_table_name = 'team_members' then
    insert into public.actors (agency_id, id, kind, name)
    select new.agency_id, u.id, 'person', u.full_name from public.users u where u.id = new.user_id
    on conflict do nothing;
  else
    update public.actors a set name = new.full_name from public.team_members m
    where m.user_id = new.id and a.agency_id = m.agency_id and a.id = m.user_id;
  end if;
  return null;
end
$$;
create trigger keep_actors after insert on agencies for each row execute function app.keep_actors();
create trigger keep_actors after insert on team_members for each row execute function app.keep_actors();
create trigger keep_actors after update of full_name on users for each row
  when (old.full_name is distinct from new.full_name) execute function app.keep_actors();
grant create on schema app to roost_auth;
alter function app.keep_actors() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke all on function app.keep_actors() from public;

-- The triggers lock their tables until this commits, so no row is missed. Every id in a row of an agency is that of a
-- member: the foreign keys so far referred to team_members, of which no row is deleted. Row-level security is forced:
-- only roost_auth sees these rows.
set local role roost_auth;
insert into public.actors (agency_id, id, kind)
select a.id, fixed.id, fixed.kind from public.agencies a cross join (values
  ('00000000-0000-8000-8000-000000000001'::uuid, 'operator'),
  ('00000000-0000-8000-8000-000000000002', 'job')) fixed (id, kind);
insert into public.actors (agency_id, id, kind, name)
select m.agency_id, m.user_id, 'person', u.full_name from public.team_members m join public.users u on u.id = m.user_id;
reset role;
