alter policy admin_reads on audit_log using ((select app.has_role('admin')));
alter policy write_update on bookings using ((select app.has_role('admin', 'manager')));
drop trigger guard on bookings;
drop function app.guard_booking();
drop function app.may_move_booking(text, text, text);
alter table bookings
  drop column confirmed_at, drop column checked_in_at, drop column checked_out_at, drop column declined_at,
  drop column no_show_at, drop column cancellation_reason, drop column refund_cents, drop column split_from_id;
