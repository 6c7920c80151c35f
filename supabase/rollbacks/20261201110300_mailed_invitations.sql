drop function app.open_invitation(bytea);
create function app.open_invitation(given bytea)
returns table (agency_id uuid, agency_name text, id uuid, email text, full_name text, role text, was_member boolean)
language sql stable security definer set search_path = '' as $$
  select i.agency_id, a.name, i.id, i.email, i.full_name, i.role,
    exists (select from public.team_members m join public.users u on u.id = m.user_id
      where m.agency_id = i.agency_id and u.email = i.email)
  from public.team_invitations i
  join public.agencies a on a.id = i.agency_id and a.deleted_at is null
  where i.token_hash = given and i.accepted_at is null and i.revoked_at is null and i.expires_at > pg_catalog.now()
    and app.may_still_invite(i.agency_id, i.invited_by)
$$;
grant create on schema app to roost_auth;
alter function app.open_invitation(bytea) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.open_invitation(bytea) from public;
grant execute on function app.open_invitation(bytea) to roost_system;

create or replace function app.accept_invitation(given bytea, person uuid, expected_generation integer, new_member_id uuid,
  audit_id uuid, request text, new_name text, new_password_hash text)
returns text language plpgsql security definer set search_path = '' as $$
declare
  found_invitation record;
  joined_role text;
begin
  select i.agency_id, i.id, i.email, i.role, i.invited_by into found_invitation
  from public.team_invitations i where i.token_hash = given;
  if not found then
    return 'gone';
  end if;
  -- The inviter's row first, as a demotion locks it first: a demotion comes before the acceptance or after it.
  perform from public.team_members m join public.users u on u.id = m.user_id
  where m.agency_id = found_invitation.agency_id and m.user_id = found_invitation.invited_by for share of m, u;
  perform from public.team_invitations i
  where i.agency_id = found_invitation.agency_id and i.id = found_invitation.id and i.accepted_at is null
    and i.revoked_at is null and i.expires_at > pg_catalog.now() for update;
  if not found or not exists (select from app.open_invitation(given)) then
    return 'gone';
  end if;
  if new_password_hash is not null then
    if exists (select from public.team_members m join public.users u on u.id = m.user_id
        where m.agency_id = found_invitation.agency_id and u.email = found_invitation.email) then
      return 'refused';
    end if;
    insert into public.users (id, email, full_name, password_hash, local_agency_id)
    values (person, found_invitation.email, new_name, new_password_hash, found_invitation.agency_id)
    on conflict do nothing;
    if not found then
      return 'refused';
    end if;
  else
    perform from public.users u
    where u.id = person and u.email = found_invitation.email and u.is_active and u.token_generation = expected_generation
      and (u.local_agency_id is null or u.local_agency_id = found_invitation.agency_id) for share;
    if not found then
      return 'refused';
    end if;
  end if;
  -- Whoever became an active member in the meantime keeps the role they have.
  insert into public.team_members as m (agency_id, id, user_id, role)
  values (found_invitation.agency_id, new_member_id, person, found_invitation.role)
  on conflict (agency_id, user_id) do update set role = excluded.role, is_active = true where not m.is_active;
  select m.role into joined_role from public.team_members m
  where m.agency_id = found_invitation.agency_id and m.user_id = person;
  update public.team_invitations i set accepted_at = pg_catalog.now(), accepted_by = person
  where i.agency_id = found_invitation.agency_id and i.id = found_invitation.id;
  insert into public.audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, after)
  values (found_invitation.agency_id, audit_id, request, person, joined_role, 'member.joined', 'team_member', person,
    pg_catalog.jsonb_build_object('role', joined_role, 'invitation_id', found_invitation.id,
      'invited_by', found_invitation.invited_by));
  return 'joined';
end
$$;
