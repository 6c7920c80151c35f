alter table sessions drop column live_hash;
alter table users
  drop constraint users_local_agency_fkey,
  drop constraint users_sign_in_check,
  drop constraint users_email_proven_check,
  drop column email_proven_at,
  drop column email_proven_by,
  drop column local_agency_id;
