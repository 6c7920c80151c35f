-- Validates the constraint of the migration before, without blocking writes.
alter table guests validate constraint guests_merge_undo_check;
