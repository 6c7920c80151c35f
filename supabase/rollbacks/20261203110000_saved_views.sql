-- destroys: saved_views
alter policy own_keys on idempotency_keys
  using ((select app.has_role('admin', 'manager', 'staff', 'owner')) and actor_id = (select app.actor_id()))
  with check ((select app.has_role('admin', 'manager', 'staff', 'owner')) and actor_id = (select app.actor_id()));
drop table saved_views;
