-- The images whose description beside their content is to be written anew, each with the number of its last change: whoever wrote the
-- description takes the row away only with the number that it had before. It is part of the change itself, so that no change of any
-- process is missed, nor one whose process was killed.
create table image_undescribed (
  image_id text not null primary key references image (id) on delete cascade,
  mark bigint not null
);

create index image_undescribed_by_mark on image_undescribed (mark);

-- The number of the last change, in one row: it only grows.
create table image_mark (last bigint not null);

insert into image_mark (last) values (1);

insert into image_undescribed (image_id, mark) select id, 1 from image where status in ('active', 'deactivated');
