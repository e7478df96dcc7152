-- Plain SQL for SQLite and PostgreSQL. Identifiers are UUIDs as text, moments ISO 8601 in UTC, sizes bytes.
-- A text that is not known is empty, never null.

create table template (
  id text not null primary key,
  name text not null unique,
  created_at text not null
);

create table template_version (
  id text not null primary key,
  template_id text not null references template (id) on delete cascade,
  version integer not null check (version > 0),
  disk text not null unique,
  format text not null,
  virtual_size bigint not null check (virtual_size >= 0),
  file_size bigint not null check (file_size >= 0),
  modified_nanos bigint not null,
  sha256 text not null check (length(sha256) = 64),
  sealed_at text not null,
  source text not null,
  os text not null,
  unique (template_id, version)
);

-- A linked clone rests on its template's disk, so the version cannot go before it: setting null fails the check.
-- A full clone outlives its template and remembers its name.
create table clone (
  id text not null primary key,
  name text not null unique,
  version_id text references template_version (id) on delete set null,
  template text not null,
  template_version integer not null,
  kind text not null check (kind in ('linked', 'full')),
  disk text not null unique,
  format text not null,
  virtual_size bigint not null check (virtual_size >= 0),
  hostname text not null,
  machine_id text not null,
  created_at text not null,
  constraint linked_clone_has_template check (kind = 'full' or version_id is not null)
);

create index clone_version on clone (version_id);

create table clone_host_key (
  clone_id text not null references clone (id) on delete cascade,
  position integer not null,
  type text not null,
  fingerprint text not null,
  public_key text not null,
  primary key (clone_id, position)
);

create table job (
  id text not null primary key,
  what text not null,
  process text not null,
  begun_at text not null
);

create table job_file (
  job_id text not null references job (id) on delete cascade,
  position integer not null,
  file text not null,
  primary key (job_id, position)
);
