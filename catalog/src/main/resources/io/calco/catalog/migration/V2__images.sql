-- Images as the Image API v2 knows them. Moments have six digits after the second, so that their order is the text's.
-- A size that is not known is -1, any other text that is not known is empty.

create table image (
  id text not null primary key,
  owner text not null,
  name text not null,
  status text not null check (status in ('queued', 'saving', 'uploading', 'importing', 'active', 'deactivated', 'killed')),
  visibility text not null check (visibility in ('public', 'community', 'shared', 'private')),
  protected integer not null check (protected in (0, 1)),
  hidden integer not null check (hidden in (0, 1)),
  disk_format text not null,
  container_format text not null,
  min_disk integer not null check (min_disk >= 0),
  min_ram integer not null check (min_ram >= 0),
  size bigint not null check (size >= -1),
  virtual_size bigint not null check (virtual_size >= -1),
  md5 text not null,
  sha256 text not null,
  sha512 text not null,
  blob text not null,
  source text not null,
  created_at text not null,
  updated_at text not null,
  -- What can be downloaded has content and a format.
  constraint active_image_has_content check (status not in ('active', 'deactivated')
    or (blob <> '' and size >= 0 and disk_format <> '' and container_format <> ''))
);

-- A list is cut from the beginning of one index for each reason to see an image: its owner, its visibility, or being the
-- administrator. So it costs the same whatever the number of images.
create index image_by_creation on image (created_at, id);
create index image_by_update on image (updated_at, created_at, id);
create index image_by_name on image (name, created_at, id);
create index image_by_size on image (size, created_at, id);
create index image_by_status on image (status, created_at, id);
create index image_of_owner_by_creation on image (owner, created_at, id);
create index image_of_owner_by_update on image (owner, updated_at, created_at, id);
create index image_of_owner_by_name on image (owner, name, created_at, id);
create index image_of_owner_by_size on image (owner, size, created_at, id);
create index image_of_owner_by_status on image (owner, status, created_at, id);
create index image_seen_by_creation on image (visibility, created_at, id);
create index image_seen_by_update on image (visibility, updated_at, created_at, id);
create index image_seen_by_name on image (visibility, name, created_at, id);
create index image_seen_by_size on image (visibility, size, created_at, id);
create index image_blob on image (blob);

create table image_property (
  image_id text not null references image (id) on delete cascade,
  name text not null,
  value text not null,
  primary key (image_id, name)
);

create index image_property_value on image_property (name, value, image_id);

create table image_tag (
  image_id text not null references image (id) on delete cascade,
  tag text not null,
  primary key (image_id, tag)
);

create index image_tag_image on image_tag (tag, image_id);

create table image_member (
  image_id text not null references image (id) on delete cascade,
  member text not null,
  status text not null check (status in ('pending', 'accepted', 'rejected')),
  created_at text not null,
  updated_at text not null,
  primary key (image_id, member)
);

create index image_member_images on image_member (member, status, image_id);

-- What is done to an image in the background. It outlives the image; an image of the same id may come again.
create table image_task (
  id text not null primary key,
  image_id text not null,
  type text not null,
  status text not null check (status in ('pending', 'processing', 'success', 'failure')),
  owner text not null,
  user_id text not null,
  request_id text not null,
  input text not null,
  result text not null,
  message text not null,
  created_at text not null,
  updated_at text not null,
  expires_at text not null
);

create index image_task_image on image_task (image_id, created_at);
create index image_task_by_creation on image_task (created_at, id);
