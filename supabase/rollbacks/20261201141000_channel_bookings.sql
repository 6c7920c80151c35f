-- destroys: channel_bookings
drop table channel_bookings;
