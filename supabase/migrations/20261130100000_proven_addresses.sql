-- An e-mail address counts as proven only by a link that was sent to it, by the operator, or by the identity provider.
-- An account whose address was never proven belongs to the agency that invited it (local_agency_id) and to no other.
alter table users
  add column email_proven_at timestamptz,
  add column email_proven_by text,
  add column local_agency_id uuid;
comment on column users.local_agency_id is 'The agency that invited an account whose address was never proven; null once it is proven.';

-- Accounts are made by the operator, who hands the password over, or by accepting an invitation, whose link the inviting
-- admin has seen. An account made between an invitation and its acceptance by that account is one of the latter.
-- Row-level security is forced: only roost_auth sees these rows.
set local role roost_auth;
update public.users u set local_agency_id = i.agency_id
from (
  select distinct on (a.accepted_by) a.accepted_by, a.agency_id
  from public.team_invitations a join public.users o on o.id = a.accepted_by
  where o.auth_subject is null and o.created_at between a.created_at and a.accepted_at
  order by a.accepted_by, a.accepted_at) i
where i.accepted_by = u.id;
update public.users u set email_proven_at = u.created_at, email_proven_by = 'operator' where u.local_agency_id is null;

-- Whoever signs in through the identity provider has no password beside it, and no session that one began.
update public.sessions s set ended_at = now(), ended_by = 'password'
from public.users u where u.id = s.user_id and s.ended_at is null and u.auth_subject is not null and u.password_hash is not null;
update public.users u set password_hash = null, token_generation = u.token_generation + 1
where u.auth_subject is not null and u.password_hash is not null;
reset role;

alter table users
  add constraint users_email_proven_check check (
    email_proven_by in ('link', 'operator', 'identity_provider')
    and (email_proven_at is null) = (email_proven_by is null)
    and (email_proven_at is null) = (local_agency_id is not null)) not valid,
  add constraint users_sign_in_check check (auth_subject is null or (password_hash is null and local_agency_id is null)) not valid,
  add constraint users_local_agency_fkey foreign key (local_agency_id) references agencies (id) not valid;

-- One token of a session is live. Sessions that began before this have none noted until their next refresh.
alter table sessions add column live_hash bytea constraint sessions_live_hash_check check (length(live_hash) = 32);
