-- What properties of images and machines mean: catalogues of words, which clients offer. Bodies are JSON, kept as it came.

create table metadef_namespace (
  name text not null primary key,
  owner text not null,
  visibility text not null check (visibility in ('public', 'private')),
  protected integer not null check (protected in (0, 1)),
  display_name text not null,
  description text not null,
  created_at text not null,
  updated_at text not null
);

create table metadef_item (
  namespace text not null references metadef_namespace (name) on update cascade on delete cascade,
  kind text not null check (kind in ('object', 'property', 'tag', 'resource_type')),
  name text not null,
  body text not null,
  created_at text not null,
  updated_at text not null,
  primary key (namespace, kind, name)
);
