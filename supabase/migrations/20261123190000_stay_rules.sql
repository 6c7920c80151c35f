-- What a property asks of a stay: nights, pauses between stays, weekdays, notice. The defaults ask nothing.
alter table properties
  add column min_nights smallint not null default 1
    constraint properties_min_nights_check check (min_nights between 1 and 365),
  add column max_nights smallint not null default 365
    constraint properties_max_nights_check check (max_nights between 1 and 365),
  add column buffer_days_before smallint not null default 0
    constraint properties_buffer_days_before_check check (buffer_days_before between 0 and 30),
  add column buffer_days_after smallint not null default 0
    constraint properties_buffer_days_after_check check (buffer_days_after between 0 and 30),
  add column arrival_weekdays text[]
    constraint properties_arrival_weekdays_check
    check (arrival_weekdays <@ '{mon,tue,wed,thu,fri,sat,sun}' and cardinality(arrival_weekdays) between 1 and 7),
  add column departure_weekdays text[]
    constraint properties_departure_weekdays_check
    check (departure_weekdays <@ '{mon,tue,wed,thu,fri,sat,sun}' and cardinality(departure_weekdays) between 1 and 7),
  add column notice_days smallint not null default 0
    constraint properties_notice_days_check check (notice_days between 0 and 365),
  add column booking_window_days smallint
    constraint properties_booking_window_days_check check (booking_window_days between 1 and 1500);
alter table properties add constraint properties_nights_check check (min_nights <= max_nights) not valid;
alter table properties validate constraint properties_nights_check;
comment on column properties.arrival_weekdays is 'Days on which a stay may begin; null: any.';
comment on column properties.booking_window_days is 'How many days ahead of today a stay may begin at most; null: no limit.';
