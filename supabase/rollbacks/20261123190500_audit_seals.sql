-- destroys: audit_seals
drop function app.list_agencies();
drop function app.seal_audit(integer);
drop function app.audit_text(audit_log);
drop table app.audit_sealing;
drop table audit_seals;
drop policy sealing on audit_log;
revoke select on audit_log from roost_auth;
alter table audit_log drop column xact_id;
