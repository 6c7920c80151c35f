-- Validates the constraints of the migration before, without blocking writes.
alter table properties validate constraint properties_min_nights_check;
alter table properties validate constraint properties_max_nights_check;
