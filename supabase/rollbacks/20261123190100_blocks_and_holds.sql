-- destroys: blocks
-- destroys: holds
delete from occupancies where kind in ('block', 'hold');
drop policy purge_select on occupancies;
drop policy purge_delete on occupancies;
revoke select, delete on occupancies from roost_system;
alter policy write_insert on occupancies with check ((select app.has_role('admin', 'manager', 'staff')));
alter policy write_update on occupancies using ((select app.has_role('admin', 'manager')));
alter policy write_delete on occupancies using ((select app.has_role('admin', 'manager')));
alter table occupancies drop column block_id, drop column hold_id, drop column expires_at;
drop table blocks, holds;
alter table agencies drop column hold_minutes, drop column holds_per_user;
