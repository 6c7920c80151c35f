-- destroys: refresh_tokens
-- destroys: sessions
drop trigger announce on users;
drop trigger announce on team_members;
drop function app.announce_person();
drop function app.start_session(uuid, uuid, bytea, timestamptz, text);
drop function app.rotate_refresh_token(bytea, bytea);
drop function app.end_session(bytea);
drop function app.end_all_sessions(uuid, text);
drop function app.set_password(uuid, text);
drop function app.sessions_of(uuid);
drop function app.token_generation_of(uuid);
drop function app.purge_sessions(integer);
drop table refresh_tokens, sessions;
alter table users drop column token_generation;

drop function app.memberships_of(uuid, text);
create function app.memberships_of(own_id uuid, subject text)
returns table (user_id uuid, email text, full_name text, agency_id uuid, agency_name text, agency_slug text, role text)
language sql stable security definer set search_path = '' as $$
  with person as (
    select u.id, u.email, u.full_name from public.users u
    where u.is_active and (u.id = own_id or u.auth_subject = subject)
    order by (u.id = own_id) is true desc limit 1)
  select p.id, p.email, p.full_name, m.agency_id, a.name, a.slug, m.role
  from person p
  left join (public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null)
    on m.user_id = p.id and m.is_active
  order by a.name, m.agency_id
$$;
grant create on schema app to roost_auth;
alter function app.memberships_of(uuid, text) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.memberships_of(uuid, text) from public;
grant execute on function app.memberships_of(uuid, text) to roost_system;
