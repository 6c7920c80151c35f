-- A hold that became no booking has no guest whose erasure would reach its notes. A job removes them a day after it
-- expired; it sees such holds and nothing else, and changes their notes only.
grant select, update (notes) on holds to roost_system;
-- An updated row must pass the policy for reading as well, so that one does not ask for notes.
create policy purge_select on holds for select to roost_system
  using (booking_id is null and expires_at < now() - interval '1 day');
create policy purge_update on holds for update to roost_system
  using (booking_id is null and notes is not null and expires_at < now() - interval '1 day')
  with check (booking_id is null and notes is null);
