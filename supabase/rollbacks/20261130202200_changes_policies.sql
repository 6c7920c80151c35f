drop function app.last_event();
drop policy changes_reads on audit_seals;
create policy admin_reads on audit_seals as restrictive for select to roost_tenant using ((select app.has_role('admin')));
