-- Who may do what. Secrets are never here: passwords and credentials' secrets as Argon2id in PHC's form, tokens as SHA-256.
-- One domain, Default, is not recorded. A moment that is not known is empty, never null; a reference that is not there is null.

create table identity_project (
  id text not null primary key,
  name text not null unique,
  description text not null,
  enabled integer not null check (enabled in (0, 1)),
  created_at text not null
);

create table identity_user (
  id text not null primary key,
  name text not null unique,
  description text not null,
  email text not null,
  enabled integer not null check (enabled in (0, 1)),
  default_project_id text references identity_project (id) on delete set null,
  password_hash text not null,
  created_at text not null
);

create table role_assignment (
  user_id text not null references identity_user (id) on delete cascade,
  project_id text not null references identity_project (id) on delete cascade,
  role text not null check (role in ('admin', 'member', 'reader')),
  primary key (user_id, project_id, role)
);

create index role_assignment_project on role_assignment (project_id);
create index identity_user_default_project on identity_user (default_project_id);

create table application_credential (
  id text not null primary key,
  user_id text not null references identity_user (id) on delete cascade,
  project_id text not null references identity_project (id) on delete cascade,
  name text not null,
  description text not null,
  secret_hash text not null,
  unrestricted integer not null check (unrestricted in (0, 1)),
  expires_at text not null,
  created_at text not null,
  unique (user_id, name)
);

create index application_credential_project on application_credential (project_id);

create table application_credential_role (
  credential_id text not null references application_credential (id) on delete cascade,
  role text not null check (role in ('admin', 'member', 'reader')),
  primary key (credential_id, role)
);

create table identity_token (
  hash text not null primary key check (length(hash) = 64),
  user_id text not null references identity_user (id) on delete cascade,
  project_id text references identity_project (id) on delete cascade,
  credential_id text references application_credential (id) on delete cascade,
  methods text not null,
  issued_at text not null,
  expires_at text not null
);

create index identity_token_user on identity_token (user_id, issued_at);
create index identity_token_project on identity_token (project_id);
create index identity_token_credential on identity_token (credential_id);
create index identity_token_expiry on identity_token (expires_at);

-- Counts the changes that may make a token invalid, or give it other roles: who keeps what a token means, compares it.
create table identity_revision (
  id integer not null primary key check (id = 1),
  revision bigint not null
);

insert into identity_revision (id, revision) values (1, 0);
