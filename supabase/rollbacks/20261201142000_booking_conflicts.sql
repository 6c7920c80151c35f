-- destroys: booking_conflicts
drop table booking_conflicts;
