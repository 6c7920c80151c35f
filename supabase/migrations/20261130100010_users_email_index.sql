-- roost: no-transaction
-- Sign-in looks for every account with an e-mail address; soon there may be several.
create index concurrently if not exists users_email_idx on users (email);
