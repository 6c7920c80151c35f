-- The ledger's new constraints hold for every row there is.
alter table occupancies validate constraint occupancies_block_fkey;
alter table occupancies validate constraint occupancies_hold_fkey;
alter table occupancies validate constraint occupancies_kind_block_check;
alter table occupancies validate constraint occupancies_kind_hold_check;
