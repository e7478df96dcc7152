-- Lists that are filtered by something rare are cut from one index too, for each reason to see an image. What nearly all images
-- are (bare, neither hidden nor protected) needs none: the first rows of any index are so.
create index image_by_md5 on image (md5) where md5 <> '';
create index image_by_sha512 on image (sha512) where sha512 <> '';
create index image_by_format on image (disk_format, created_at, id);
create index image_of_owner_by_format on image (owner, disk_format, created_at, id);
create index image_seen_by_format on image (visibility, disk_format, created_at, id);
create index image_by_container on image (container_format, created_at, id) where container_format <> 'bare';
create index image_of_owner_by_container on image (owner, container_format, created_at, id) where container_format <> 'bare';
create index image_seen_by_container on image (visibility, container_format, created_at, id) where container_format <> 'bare';
create index image_hidden on image (created_at, id) where hidden = 1;
create index image_of_owner_hidden on image (owner, created_at, id) where hidden = 1;
create index image_seen_hidden on image (visibility, created_at, id) where hidden = 1;
create index image_protected on image (created_at, id) where protected = 1;
create index image_of_owner_protected on image (owner, created_at, id) where protected = 1;
create index image_seen_protected on image (visibility, created_at, id) where protected = 1;
