-- destroys: property_photos
drop table property_photos;
