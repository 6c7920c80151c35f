-- destroys: event_cursors
-- destroys: event_dead_letters
drop function app.read_events(uuid[], bigint[], integer);
drop function app.subscriber_states();
drop function app.settle_events(text, uuid, uuid[], bigint[]);
drop function app.claim_events(text, uuid, uuid[], integer);
drop function app.agencies_behind(text);
drop function app.register_subscriber(text);
drop table app.event_subscribers;
drop table event_dead_letters;
drop table event_cursors;
