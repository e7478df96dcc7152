-- Where images came from and what was verified then, by which other names they are known, and what of this host was made
-- of them. A text that is not known is empty.

create table image_origin (
  image_id text not null primary key references image (id) on delete cascade,
  kind text not null check (kind in ('upload', 'web', 'file', 'input', 'pool')),
  place text not null,
  taken_by text not null,
  taken_at text not null,
  checksum text not null,
  checksum_list text not null,
  key_fingerprint text not null,
  signer text not null,
  signed_at text not null
);

-- Another name for whatever image has a name: debian:stable for debian:12.
create table image_alias (
  owner text not null,
  name text not null,
  target text not null,
  everybody integer not null check (everybody in (0, 1)),
  created_at text not null,
  primary key (owner, name)
);

create index image_alias_by_name on image_alias (name);

-- A template outlives the image that it was made from, and remembers it.
create table template_image (
  version_id text not null primary key references template_version (id) on delete cascade,
  image_id text not null,
  blob text not null,
  image_name text not null,
  as_it_is integer not null check (as_it_is in (0, 1))
);

create index template_image_by_image on template_image (image_id);
create index template_image_by_blob on template_image (blob);
