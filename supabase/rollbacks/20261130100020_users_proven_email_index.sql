-- roost: no-transaction
drop index concurrently if exists users_proven_email_key;
