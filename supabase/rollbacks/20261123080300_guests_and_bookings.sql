-- destroys: occupancies
-- destroys: bookings
-- destroys: guests
drop table occupancies;
drop policy guest_scope on guests;
drop table bookings, guests;
