-- Who did what, to what, when, from where, and what came of it. Rows are added and, by age, taken away; none is changed.

create table audit_event (
  number integer not null primary key,
  at text not null,
  user_id text not null,
  user_name text not null,
  project_id text not null,
  address text not null,
  action text not null,
  target_id text not null,
  target_name text not null,
  outcome text not null check (outcome in ('done', 'refused', 'failed')),
  detail text not null
);

create index audit_event_of_user on audit_event (user_name, number);
create index audit_event_of_action on audit_event (action, number);
create index audit_event_on_target on audit_event (target_id, number);
create index audit_event_by_outcome on audit_event (outcome, number);
create index audit_event_by_moment on audit_event (at);
