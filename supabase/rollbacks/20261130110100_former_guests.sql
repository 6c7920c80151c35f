alter table bookings drop column former_guest_ids;
