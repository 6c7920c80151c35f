-- Reads the rows under a lock that lets everybody read and write: SHARE UPDATE EXCLUSIVE.
alter table guests validate constraint guests_country_check;
