-- What a project has is asked before each upload: from this index alone, whatever the number of images.
drop index image_of_owner_by_status;
create index image_of_owner_by_status on image (owner, status, created_at, id, size, blob);
