-- Long work of a server: what was asked for, by whom, and what came of it. How far it is now, its process knows.

create table background_job (
  id text not null primary key,
  kind text not null,
  subject text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
  user_id text not null,
  user_name text not null,
  project_id text not null,
  result text not null,
  message text not null,
  created_at text not null,
  begun_at text not null,
  ended_at text not null
);

create index background_job_by_creation on background_job (created_at, id);
create index background_job_of_user on background_job (user_id, created_at, id);
create index background_job_unfinished on background_job (state) where state in ('waiting', 'running');
