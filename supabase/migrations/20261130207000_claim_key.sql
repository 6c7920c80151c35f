-- A key is claimed by its lock alone and written once, with the answer. Claiming it is one statement that leaves together with the
-- first statements of the work and fails the transaction when the work must not run.
create function app.claim_key(in_agency uuid, by_actor uuid, wanted text) returns void
language plpgsql set search_path = '' as $$
begin
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('key/' || in_agency || '/' || by_actor || '/' || wanted, 0)) then
    raise exception 'another transaction holds the key' using errcode = 'RT409';
  end if;
  -- A statement of its own: it sees what another transaction stored before the lock was free.
  if exists (select from public.idempotency_keys k
    where k.agency_id = in_agency and k.actor_id = by_actor and k.key = wanted and k.expires_at >= pg_catalog.now()) then
    raise exception 'the key has an answer' using errcode = 'RT200';
  end if;
end
$$;
revoke execute on function app.claim_key(uuid, uuid, text) from public;
grant execute on function app.claim_key(uuid, uuid, text) to roost_tenant;
