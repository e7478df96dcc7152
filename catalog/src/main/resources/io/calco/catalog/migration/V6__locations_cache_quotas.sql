-- Where content lies, where that is more than image.blob says; copies of content that lies on the web; what projects may have.

-- All locations of an image, in order, the first that of image.blob. An image that has one location of which nothing is said has no
-- row. A place is a name in a store, or an address on the web; what is said of it is a JSON object, as it came.
create table image_location (
  image_id text not null references image (id) on delete cascade,
  position integer not null check (position >= 0),
  place text not null check (place <> ''),
  metadata text not null,
  primary key (image_id, position)
);

-- An image that is to be here, or is. Its blob is empty while it is queued, and where its content is here anyway. It outlives its
-- image until somebody clears it away, so that its blob is not forgotten.
create table image_cache (
  image_id text not null primary key,
  state text not null check (state in ('queued', 'cached')),
  blob text not null,
  size bigint not null check (size >= 0),
  hits bigint not null check (hits >= 0),
  last_accessed text not null,
  last_modified text not null
);

-- What a project may have, which another identity may know; -1 is any amount. That of no project, '', holds for all that have none.
create table project_quota (
  project_id text not null primary key,
  images bigint not null check (images >= -1),
  uploads bigint not null check (uploads >= -1),
  size bigint not null check (size >= -1),
  staged bigint not null check (staged >= -1)
);
