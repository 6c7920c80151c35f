-- Invitations into an agency, by a link whose secret is kept as a hash; and an agency never loses its last admin.
create table team_invitations (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  email text not null constraint team_invitations_email_check
    check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  full_name text constraint team_invitations_full_name_check check (length(full_name) between 1 and 200),
  role text not null constraint team_invitations_role_check check (role in ('admin', 'manager', 'staff', 'owner', 'accountant')),
  token_hash bytea not null constraint team_invitations_token_hash_check check (length(token_hash) = 32),
  invited_by uuid,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  constraint team_invitations_pkey primary key (agency_id, id),
  constraint team_invitations_token_key unique (agency_id, token_hash),
  constraint team_invitations_inviter_fkey foreign key (agency_id, invited_by) references team_members (agency_id, user_id),
  constraint team_invitations_accepter_fkey foreign key (agency_id, accepted_by) references team_members (agency_id, user_id),
  constraint team_invitations_end_check
    check ((accepted_at is null) = (accepted_by is null) and (accepted_at is null or revoked_at is null)));
create index team_invitations_created_idx on team_invitations (agency_id, created_at desc, id desc);
create index team_invitations_inviter_idx on team_invitations (agency_id, invited_by) where invited_by is not null;
create index team_invitations_accepter_idx on team_invitations (agency_id, accepted_by) where accepted_by is not null;
create index team_invitations_token_idx on team_invitations (token_hash);
create unique index team_invitations_open_key on team_invitations (agency_id, email)
  where accepted_at is null and revoked_at is null;
select app.protect('team_invitations');
grant select, insert, update on team_invitations to authenticated;
create policy admin_only on team_invitations as restrictive for all to authenticated
  using ((select app.has_role('admin'))) with check ((select app.has_role('admin')));

-- Whoever has the link is told what it is for before an agency is known.
grant select on team_invitations to roost_auth;
create policy sign_in on team_invitations for select to roost_auth using (true);
create function app.find_invitation(given bytea)
returns table (agency_id uuid, agency_name text, id uuid, email text, full_name text, role text,
  user_id uuid, user_is_active boolean, user_has_password boolean)
language sql stable security definer set search_path = '' as $$
  select i.agency_id, a.name, i.id, i.email, i.full_name, i.role, u.id, u.is_active, u.password_hash is not null
  from public.team_invitations i
  join public.agencies a on a.id = i.agency_id and a.deleted_at is null
  left join public.users u on u.email = i.email
  where i.token_hash = given and i.accepted_at is null and i.revoked_at is null and i.expires_at > pg_catalog.now()
$$;
grant create on schema app to roost_auth;
alter function app.find_invitation(bytea) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.find_invitation(bytea) from public;
grant execute on function app.find_invitation(bytea) to roost_system;

-- Two admins who demote each other at once wait for one another here.
create function app.keep_an_admin() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('admins of ' || old.agency_id::text, 0));
  if not exists (select from public.team_members m where m.agency_id = old.agency_id and m.role = 'admin' and m.is_active) then
    raise exception 'an agency keeps at least one admin'
      using errcode = 'check_violation', constraint = 'team_members_last_admin', table = 'team_members';
  end if;
  return null;
end
$$;
revoke execute on function app.keep_an_admin() from public;
create trigger keep_an_admin after update on team_members for each row
  when (old.role = 'admin' and old.is_active and not (new.role = 'admin' and new.is_active))
  execute function app.keep_an_admin();
