-- Stored answers to keyed requests say what they are about and for whom they were made: so they can be taken back when a
-- guest is erased, and are not repeated to somebody whose rights have changed.
-- Rows of the release before have no role and no ids: they are repeated as before, and withheld with the next erasure.
alter table idempotency_keys
  add column actor_role text,
  add column own_properties uuid[],
  add column entity_ids uuid[],
  add column withheld text constraint idempotency_keys_withheld_check check (withheld in ('erased', 'secret'));
comment on column idempotency_keys.actor_role is 'The role that the answer was made for.';
comment on column idempotency_keys.own_properties is 'Only for owners: the properties they owned then.';
comment on column idempotency_keys.entity_ids is 'Every id in the request''s path and in the answer.';
comment on column idempotency_keys.withheld is 'Why the body is not there: the key still guards against a second execution.';

-- Keys belong to a person, and an erasure reaches the answers that everybody in the agency was given. Therefore this runs
-- as roost_auth, whose policy ends at the agency of the claims. The fingerprint goes too: it is a hash of what was sent.
create function app.withhold_answers(records uuid[]) returns integer
language sql security definer set search_path = '' as $$
  with emptied as (
    update public.idempotency_keys k
    set withheld = 'erased', body = null, fingerprint = '', headers = k.headers - 'etag'
    where k.agency_id = (select app.agency_id()) and k.status is not null and k.withheld is distinct from 'erased'
      and (k.entity_ids is null or k.entity_ids && records)
    returning 1)
  select pg_catalog.count(*)::integer from emptied
$$;
grant create on schema app to roost_auth;
alter function app.withhold_answers(uuid[]) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.withhold_answers(uuid[]) from public;
grant execute on function app.withhold_answers(uuid[]) to authenticated;
grant select, update on idempotency_keys to roost_auth;
create policy withhold_select on idempotency_keys for select to roost_auth using (agency_id = (select app.agency_id()));
create policy withhold_update on idempotency_keys for update to roost_auth
  using (agency_id = (select app.agency_id())) with check (agency_id = (select app.agency_id()));
