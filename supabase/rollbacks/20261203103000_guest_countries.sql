drop function app.guest_countries();
drop policy country_statistics on guests;
revoke select (agency_id, id, country) on guests from roost_auth;
