drop policy purge_update on holds;
drop policy purge_select on holds;
revoke select, update (notes) on holds from roost_system;
