-- destroys: properties.amenities
alter table properties drop column amenities;
