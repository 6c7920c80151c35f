-- Nothing reads the event any more: the constraints of 20261130170000 refuse what its job looked for, and a nightly job checks
-- all agencies. Its insert into the job queue took a fifth of PostgreSQL's time for a booking.
drop function app.announce_event(text, uuid);
