grant delete on occupancies to roost_system;
grant update (notes) on holds to roost_system;
create policy purge_delete on occupancies for delete to roost_system using (expires_at < now());
create policy purge_update on holds for update to roost_system
  using (booking_id is null and notes is not null and expires_at < now() - interval '1 day')
  with check (booking_id is null and notes is null);
