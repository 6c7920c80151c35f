-- destroys: mail_messages
drop function app.queue_mail(uuid, text, text, text, jsonb, bytea, timestamptz, boolean);
drop function app.claim_mail(uuid);
drop function app.settle_mail(uuid, uuid, text, text, integer);
drop function app.purge_mail(integer);
drop function app.list_mail(uuid, integer);
drop function app.mail_states();
drop function app.mail_language(text, text);
drop function app.has_password_account(text);
drop table mail_messages;
