-- Validates the constraint of the migration before, without blocking writes.
alter table properties validate constraint properties_amenities_check;
