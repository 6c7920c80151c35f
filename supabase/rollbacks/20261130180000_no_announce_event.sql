create function app.announce_event(event text, entity uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if event not in ('booking.changed') or app.agency_id() is null then
    raise exception 'no such event' using errcode = 'insufficient_privilege';
  end if;
  insert into pgboss.job (name, data, policy, retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds,
    deletion_seconds, heartbeat_seconds)
  select q.name, pg_catalog.jsonb_build_object('agency_id', app.agency_id(), 'entity_id', entity), q.policy, q.retry_limit,
    q.retry_delay, q.retry_backoff, q.retry_delay_max, q.expire_seconds, q.deletion_seconds, q.heartbeat_seconds
  from pgboss.queue q where q.name = event;
  if not found then
    raise exception 'the queue % is not installed', event using errcode = 'undefined_table';
  end if;
end
$$;
grant create on schema app to roost_system;
alter function app.announce_event(text, uuid) owner to roost_system;
revoke create on schema app from roost_system;
revoke execute on function app.announce_event(text, uuid) from public;
grant execute on function app.announce_event(text, uuid) to roost_tenant;
