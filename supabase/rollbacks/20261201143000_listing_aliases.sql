-- destroys: listing_aliases
drop table listing_aliases;
