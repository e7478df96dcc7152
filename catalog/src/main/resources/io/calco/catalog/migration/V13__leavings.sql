-- Places where an image had content and has none any more: that is let go of after it is recorded, or by the next start when a kill came
-- between. A place that some image has again is none.
create table image_leaving (
  place text not null primary key
);
