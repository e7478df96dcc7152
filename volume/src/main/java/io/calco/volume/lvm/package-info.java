/// LVM2: volume groups on one or several disks, and the logical volumes in them as disks.
///
/// Start with [PhysicalVolume#find] for each disk or partition, then [VolumeGroup#assemble].
///
/// | | read | written |
/// |---|---|---|
/// | label, metadata areas (text format) | newest sound copy of all counts | all copies |
/// | linear, striped, raid0 | yes | yes |
/// | raid1, mirror | the leg that is most in step | no |
/// | thin volumes and their snapshots, external origins | yes | no |
/// | snapshots of the older kind | yes, the origin too | no |
/// | raid4, 5, 6, 10, cache, vdo, writecache, integrity | refused by name | no |
///
/// A group whose volumes are all linear or striped is also made again from its text alone and what
/// its volumes hold ([GroupBackup]), as vgcfgrestore(8) does it on real disks.
///
/// The only physical volume of a group whose volumes are all linear is also shown as it would be on
/// fewer bytes ([ShorterVolume]); nothing is written for that.
///
/// A volume that lies on a physical volume which is not here is refused, with that one's UUID; the
/// others stay readable.
///
/// **Write order.** The new text goes into each copy's ring behind the text that counts, all on the
/// medium; then each copy's header, one sector, makes it count. So every copy holds the old or the
/// new text whole at any time, and the newest counts. A physical volume that grows gets its label
/// before that; one that gets another UUID gets it after that: cut off in between, the group's one
/// physical volume that bears its old UUID is still known here by the text it holds (LVM2 itself
/// would miss it), and changing the UUIDs again mends it.
///
/// **Units.** The text counts in extents and in sectors of 512 bytes; everything public is bytes.
///
/// **Trust.** The label, the header and the text each carry a checksum that anybody can compute:
/// every number is checked all the same. Limits, ours unless it says otherwise: 64 MiB of text,
/// 2,000,000 values, 16 levels of sections and of volumes on volumes, 4096 physical and 65,536
/// logical volumes, 8,388,608 changed chunks of a snapshot, 17 levels of a thin pool's trees (the
/// kernel's).
///
/// Thread rule: what was read is a value; disks are safe for several threads at once.
///
/// Sources: lvm2's own description in lvmformat and its man pages; the kernel's
/// Documentation/admin-guide/device-mapper, drivers/md/dm-raid.c, dm-snap-persistent.c and
/// dm-thin-metadata.c for the structures. Proven against lvm(8) and against disks that the kernel's
/// device-mapper wrote, whose checksums it computed.
@NullMarked
package io.calco.volume.lvm;

import org.jspecify.annotations.NullMarked;
