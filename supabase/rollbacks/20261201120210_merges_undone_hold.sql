-- A constraint cannot be made NOT VALID again, only replaced.
alter table guests
  drop constraint guests_merge_undo_check,
  add constraint guests_merge_undo_check check (merge_undo is null or merged_into_id is not null) not valid;
