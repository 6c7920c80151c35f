-- A request may wait between its authorisation and its effect: its transaction asks again whether the actor still may act.
create function app.require_actor(generation integer, in_session uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  claims jsonb := pg_catalog.current_setting('request.jwt.claims', true)::jsonb;
  is_signed_in boolean;
  role_now text;
begin
  select u.is_active and u.token_generation = coalesce(generation, u.token_generation)
      and not exists (select from public.sessions s where s.id = in_session and s.ended_at is not null),
    (select m.role from public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null
      where m.agency_id = (claims ->> 'agency_id')::uuid and m.user_id = u.id and m.is_active)
  into is_signed_in, role_now
  from public.users u where u.id = (claims ->> 'sub')::uuid;
  if is_signed_in is not true then
    raise exception 'the account or its tokens have ended' using errcode = 'RT401';
  end if;
  if role_now is distinct from claims ->> 'app_role' then
    raise exception 'the membership has ended or has another role' using errcode = 'RT403';
  end if;
end
$$;
comment on function app.require_actor(integer, uuid) is 'Reads the actor from the claims and tells nothing but whether they still hold.';
grant create on schema app to roost_auth;
alter function app.require_actor(integer, uuid) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.require_actor(integer, uuid) from public;
grant execute on function app.require_actor(integer, uuid) to authenticated;
