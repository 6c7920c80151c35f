-- Expired holds and their notes are deleted by a transaction of their agency, which also writes the audit entries. The system role only
-- finds the agencies that have any.
drop policy purge_delete on occupancies;
drop policy purge_update on holds;
revoke delete on occupancies from roost_system;
revoke update (notes) on holds from roost_system;
