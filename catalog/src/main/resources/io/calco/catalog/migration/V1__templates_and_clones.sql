create table template (
  id varchar(36) primary key,
  name varchar(64) not null unique,
  created_at varchar(40) not null
);

create table template_version (
  id varchar(36) primary key,
  template_id varchar(36) not null references template (id) on delete cascade,
  version integer not null,
  disk varchar(4096) not null unique,
  format varchar(32) not null,
  virtual_size bigint not null,
  file_size bigint not null,
  modified_nanos bigint not null,
  sha256 varchar(64) not null,
  sealed_at varchar(40) not null,
  source varchar(4096) not null,
  os varchar(256) not null,
  unique (template_id, version)
);

create table clone (
  id varchar(36) primary key,
  name varchar(64) not null unique,
  template varchar(64) not null,
  template_version integer not null,
  version_id varchar(36) references template_version (id) on delete set null,
  kind varchar(8) not null check (kind in ('LINKED', 'FULL')),
  disk varchar(4096) not null unique,
  format varchar(32) not null,
  virtual_size bigint not null,
  hostname varchar(256) not null,
  machine_id varchar(32),
  created_at varchar(40) not null
);

create index clone_version on clone (version_id);

create table clone_host_key (
  clone_id varchar(36) not null references clone (id) on delete cascade,
  position integer not null,
  type varchar(32) not null,
  fingerprint varchar(64) not null,
  public_key varchar(2048) not null,
  primary key (clone_id, position)
);

create table job (
  id varchar(36) primary key,
  what varchar(256) not null,
  process varchar(64) not null,
  begun_at varchar(40) not null
);

create table job_file (
  job_id varchar(36) not null references job (id) on delete cascade,
  position integer not null,
  file varchar(4096) not null,
  primary key (job_id, position)
);
