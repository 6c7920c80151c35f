-- A constraint cannot be made unproven again, and nothing needs it to be: going further down drops them.
select 1;
