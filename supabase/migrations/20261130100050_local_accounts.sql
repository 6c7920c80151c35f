-- The same address may have an account at several agencies that invited it, and one that was proven. What signs people
-- in, invites them and adds them follows.
-- contract: the release before this one cannot accept invitations or add members while both run; that was the fault.
alter table users validate constraint users_email_proven_check;
alter table users validate constraint users_sign_in_check;
alter table users validate constraint users_local_agency_fkey;
alter table users drop constraint users_email_key;
drop function app.ensure_user(uuid, text, text, text, text);
drop function app.find_invitation(bytea);

-- The release before this one signs in by it; to be dropped in the next one.
create or replace function app.sign_in_user(wanted_email text)
returns table (id uuid, email text, full_name text, password_hash text)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email, u.full_name, u.password_hash
  from public.users u where u.email = pg_catalog.lower(wanted_email) and u.is_active
  order by u.local_agency_id is not null, u.created_at limit 1
$$;

-- Every account with this address, the proven one first, then the oldest.
create function app.accounts_of(wanted_email text)
returns table (id uuid, email text, full_name text, is_active boolean, password_hash text, auth_subject text,
  token_generation integer, email_proven_at timestamptz, email_proven_by text, local_agency_id uuid, local_agency_slug text,
  member_of uuid[], active_in uuid[], active_slugs text[])
language sql stable security definer set search_path = '' as $$
  select u.id, u.email, u.full_name, u.is_active, u.password_hash, u.auth_subject, u.token_generation, u.email_proven_at,
    u.email_proven_by, u.local_agency_id, (select a.slug from public.agencies a where a.id = u.local_agency_id),
    array(select m.agency_id from public.team_members m where m.user_id = u.id),
    array(select m.agency_id from public.team_members m where m.user_id = u.id and m.is_active),
    array(select a.slug from public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null
      where m.user_id = u.id and m.is_active order by a.slug)
  from public.users u where u.email = pg_catalog.lower(wanted_email)
  order by u.local_agency_id is not null, u.created_at, u.id
$$;

-- For the operator, whose word proves the address. With a subject there is no password.
create function app.create_account(new_id uuid, new_email text, new_name text, new_password_hash text, new_subject text)
returns uuid language sql security definer set search_path = '' as $$
  insert into public.users (id, email, full_name, password_hash, auth_subject, email_proven_at, email_proven_by)
  values (new_id, pg_catalog.lower(new_email), new_name, case when new_subject is null then new_password_hash end, new_subject,
    pg_catalog.now(), 'operator')
  returning id
$$;

create function app.prove_account(person uuid) returns void language sql security definer set search_path = '' as $$
  update public.users u set local_agency_id = null, email_proven_at = pg_catalog.now(), email_proven_by = 'operator'
  where u.id = person and u.local_agency_id is not null
$$;

-- Sign-in through the identity provider replaces the password; the operator, who states the subject, proves the address.
create function app.set_subject(person uuid, new_subject text) returns void
language sql security definer set search_path = '' as $$
  update public.users u set auth_subject = new_subject, password_hash = null, local_agency_id = null,
    email_proven_at = coalesce(u.email_proven_at, pg_catalog.now()), email_proven_by = coalesce(u.email_proven_by, 'operator')
  where u.id = person
$$;

-- The database refuses an account that was never proven in any agency but its own.
create function app.refuse_foreign_local_account() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.users u where u.id = new.user_id and u.local_agency_id <> new.agency_id) then
    raise exception 'an account that was never proven joins no further agency'
      using errcode = 'check_violation', constraint = 'team_members_local_account', table = 'team_members';
  end if;
  return null;
end
$$;

-- An invitation counts while its inviter may invite: an active admin of the agency, with an open account. Invitations
-- without an inviter are the operator's.
create function app.may_still_invite(in_agency uuid, inviter uuid) returns boolean
language sql stable set search_path = '' as $$
  select inviter is null or exists (
    select from public.team_members m join public.users u on u.id = m.user_id
    where m.agency_id = in_agency and m.user_id = inviter and m.role = 'admin' and m.is_active and u.is_active
      and (u.local_agency_id is null or u.local_agency_id = in_agency))
$$;

-- What the link is told. Whether the address has an account elsewhere is not part of it: the inviting admin has the link.
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

-- The whole acceptance: with a hash it makes an account of that agency alone, without one the given account joins.
-- 'gone': the invitation is over. 'refused': the account is another one by now. 'joined'.
create function app.accept_invitation(given bytea, person uuid, expected_generation integer, new_member_id uuid,
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

grant insert, update on team_members to roost_auth;
grant update on team_invitations to roost_auth;
grant insert on audit_log to roost_auth;
create policy joining_insert on team_members for insert to roost_auth with check (true);
create policy joining_update on team_members for update to roost_auth using (true) with check (true);
create policy joining_update on team_invitations for update to roost_auth using (true) with check (true);
create policy sign_in_insert on audit_log for insert to roost_auth with check (
  actor_id is not null and action in ('member.joined', 'session.reuse_detected'));

grant create on schema app to roost_auth;
alter function app.accounts_of(text) owner to roost_auth;
alter function app.create_account(uuid, text, text, text, text) owner to roost_auth;
alter function app.prove_account(uuid) owner to roost_auth;
alter function app.set_subject(uuid, text) owner to roost_auth;
alter function app.refuse_foreign_local_account() owner to roost_auth;
alter function app.open_invitation(bytea) owner to roost_auth;
alter function app.accept_invitation(bytea, uuid, integer, uuid, uuid, text, text, text) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.accounts_of(text), app.create_account(uuid, text, text, text, text), app.prove_account(uuid),
  app.set_subject(uuid, text), app.refuse_foreign_local_account(), app.may_still_invite(uuid, uuid),
  app.open_invitation(bytea), app.accept_invitation(bytea, uuid, integer, uuid, uuid, text, text, text) from public;
grant execute on function app.accounts_of(text), app.create_account(uuid, text, text, text, text), app.prove_account(uuid),
  app.set_subject(uuid, text), app.open_invitation(bytea),
  app.accept_invitation(bytea, uuid, integer, uuid, uuid, text, text, text) to roost_system;
grant execute on function app.may_still_invite(uuid, uuid) to roost_auth;
create trigger refuse_foreign_local_account after insert or update of user_id, is_active on team_members for each row
  when (new.is_active) execute function app.refuse_foreign_local_account();
