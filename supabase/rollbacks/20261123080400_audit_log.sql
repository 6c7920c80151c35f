-- destroys: audit_log
drop table audit_log;
