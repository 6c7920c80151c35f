-- destroys: agency_features
drop table agency_features;
