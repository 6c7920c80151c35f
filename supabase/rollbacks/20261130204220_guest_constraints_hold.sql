-- A constraint cannot be made NOT VALID again, only replaced.
alter table bookings
  drop constraint bookings_guest_given_check,
  add constraint bookings_guest_given_check check (
    case when guest_last_name is null then coalesce(guest_first_name, guest_email, guest_phone) is null
      else guest_id is not null and guest_first_name is not null
        and length(guest_first_name) between 1 and 100 and length(guest_last_name) between 1 and 100 end) not valid;
alter table guests
  drop constraint guests_merged_check,
  drop constraint guests_merged_fkey,
  add constraint guests_merged_check check (merged_into_id <> id) not valid,
  add constraint guests_merged_fkey foreign key (agency_id, merged_into_id) references guests (agency_id, id) not valid;
