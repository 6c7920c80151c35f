-- Rights that nobody should have had are not given back.
select 1;
