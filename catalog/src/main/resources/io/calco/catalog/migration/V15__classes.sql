-- Classes: clones that are handled as one, each at a seat with a number. A class goes on when its template or clones are deleted.

create table class (
  id text not null primary key,
  name text not null unique,
  prefix text not null,
  version_id text references template_version (id) on delete set null,
  quota bigint not null check (quota >= 0),
  pace_millis bigint not null check (pace_millis >= 0),
  created_at text not null
);

create table class_seat (
  clone_id text not null primary key references clone (id) on delete cascade,
  class_id text not null references class (id) on delete cascade,
  number integer not null check (number > 0),
  unique (class_id, number)
);
