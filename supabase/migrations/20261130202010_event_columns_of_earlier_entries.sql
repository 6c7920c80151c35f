-- The copies for entries that were sealed before. A role of its own may read all rows, the owner of the tables may not.
grant update on audit_seals to roost_auth;
set local role roost_auth;
update audit_seals s set type = a.action, entity_type = a.entity_type, entity_id = a.entity_id
from audit_log a where a.agency_id = s.agency_id and a.id = s.audit_id;
reset role;
revoke update on audit_seals from roost_auth;
