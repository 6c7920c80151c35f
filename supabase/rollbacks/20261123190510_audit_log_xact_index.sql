drop index audit_log_xact_idx;
