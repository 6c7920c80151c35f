-- Validates the constraints of the two migrations before, without blocking writes.
alter table bookings validate constraint bookings_guest_given_check;
alter table guests validate constraint guests_merged_check;
alter table guests validate constraint guests_merged_fkey;
