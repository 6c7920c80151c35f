-- destroys: properties
drop table properties;
