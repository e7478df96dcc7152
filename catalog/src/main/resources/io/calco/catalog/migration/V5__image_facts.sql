-- What was found in an image's content, looked at once. It may come some time after the image is active, and says of the image
-- only: an image's content never changes. A number that is not known is -1.

create table image_inspection (
  image_id text not null primary key references image (id) on delete cascade,
  format text not null,
  partition_table text not null,
  boot_mode text not null check (boot_mode in ('none', 'bios', 'uefi', 'bios-and-uefi')),
  system text not null check (system in ('', 'linux', 'windows')),
  os_id text not null,
  os_version text not null,
  os_name text not null,
  architecture text not null,
  problem text not null,
  inspected_at text not null
);

create index image_inspection_os on image_inspection (os_id, os_version);

create table image_volume (
  image_id text not null references image_inspection (image_id) on delete cascade,
  position integer not null,
  number integer not null,
  device text not null,
  start bigint not null,
  size bigint not null,
  used bigint not null,
  type text not null,
  content text not null,
  label text not null,
  mount_point text not null,
  problem text not null,
  primary key (image_id, position)
);
