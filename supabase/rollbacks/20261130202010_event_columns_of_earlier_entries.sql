-- Nothing to undo: the columns are dropped by the rollback before.
select 1;
