-- roost: no-transaction
drop index concurrently if exists users_local_email_key;
