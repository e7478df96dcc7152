-- Plans of backups: what is to be done when, each run of it with its steps and its log, and what is known of the copies.

create table plan (
  name text not null primary key,
  definition text not null,
  created_at text not null,
  changed_at text not null
);

create table plan_run (
  number integer not null primary key,
  plan text not null references plan (name) on delete cascade,
  reason text not null check (reason in ('due', 'asked')),
  state text not null check (state in ('running', 'done', 'failed', 'cancelled', 'interrupted')),
  begun_at text not null,
  ended_at text not null,
  message text not null
);

create index plan_run_of_plan on plan_run (plan, number);
create index plan_run_unfinished on plan_run (plan) where state = 'running';

create table plan_step (
  run integer not null references plan_run (number) on delete cascade,
  position integer not null,
  kind text not null,
  subject text not null,
  state text not null check (state in ('running', 'done', 'failed', 'cancelled', 'interrupted')),
  begun_at text not null,
  ended_at text not null,
  bytes integer not null,
  message text not null,
  primary key (run, position)
);

create table plan_line (
  run integer not null references plan_run (number) on delete cascade,
  position integer not null,
  at text not null,
  text text not null,
  primary key (run, position)
);

-- What a repository had of a source when it was last looked at.
create table plan_copy (
  plan text not null references plan (name) on delete cascade,
  source text not null,
  repository text not null,
  machine text not null,
  points integer not null,
  newest_id text not null,
  newest_at text not null,
  damage text not null,
  verified_at text not null,
  tested_at text not null,
  tested_how text not null,
  seen_at text not null,
  primary key (plan, source, repository)
);

-- How far a repository has been read, slice by slice; read_at is the oldest moment at which any of it was last read.
create table plan_reading (
  plan text not null references plan (name) on delete cascade,
  repository text not null,
  slice integer not null,
  cycle_begun_at text not null,
  slice_read_at text not null,
  read_at text not null,
  primary key (plan, repository)
);

-- db-scheduler's own table, as its documentation has it.
create table scheduled_tasks (
  task_name text not null,
  task_instance text not null,
  task_data blob,
  execution_time timestamp with time zone,
  picked boolean not null,
  picked_by text,
  last_success timestamp with time zone,
  last_failure timestamp with time zone,
  consecutive_failures integer,
  last_heartbeat timestamp with time zone,
  version bigint not null,
  priority smallint,
  state text,
  primary key (task_name, task_instance)
);

create index scheduled_tasks_by_execution on scheduled_tasks (execution_time);
create index scheduled_tasks_by_heartbeat on scheduled_tasks (last_heartbeat);
