alter table properties
  drop column min_nights, drop column max_nights, drop column buffer_days_before, drop column buffer_days_after,
  drop column arrival_weekdays, drop column departure_weekdays, drop column notice_days, drop column booking_window_days;
