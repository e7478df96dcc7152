/// btrfs, read.
///
/// Read from the project's own description of the format (btrfs.readthedocs.io, "On-disk Format"
/// and "Btrfs design"), and held to what Linux 6.18 and btrfs-progs 6.2 make: the kernel's view of
/// the same file system is compared file by file, and `btrfs check` judges what is restored of the
/// used blocks alone.
///
/// ## What is handled
///
/// | | |
/// |---|---|
/// | superblock and its copies | the newest that bears its checksum; of several file systems the first's |
/// | crc32c, xxhash64, sha256, blake2b | of the superblock and every tree block, verified |
/// | one device: single, DUP; sectors of 2–64 KiB, nodes up to 64 KiB, mixed groups | yes; a tree block that is wrong is read from its other copy |
/// | several devices: RAID1, RAID1C3, RAID1C4 and whatever has a copy here | yes, from this device alone |
/// | RAID0, RAID10, RAID5, RAID6 over several devices | refused when something there is read |
/// | subvolumes and snapshots | directories where they are mounted; any can be opened as the root |
/// | the default subvolume | is the root |
/// | inline, written and set aside extents, holes with and without `no_holes`, shared extents | yes |
/// | zlib, lzo, zstd | yes |
/// | extended attributes, `extended_iref`, `metadata_uuid`, `block_group_tree`, simple quotas, verity | yes |
/// | `zoned`, `extent_tree_v2`, `raid_stripe_tree`, unknown incompat bits, encrypted extents | refused by name |
/// | a log of recent `fsync`s | not replayed: files are as of the last transaction, and `clean` is false |
/// | checksums of file content | not verified |
/// | writing | refused, but for shrinking |
///
/// ## Numbers of files
///
/// btrfs numbers files by subvolume, and every subvolume's root is 256. The subvolume shown keeps
/// its numbers; those of others get the bits of the subvolume's number from the top down.
///
/// ## Used space
///
/// Each block group's free space from the free space tree where it is valid, else the extents of
/// the extent tree; in every copy that this device has. The first mebibyte, the superblocks and an
/// unreplayed log are in use as well. A chunk that is striped over devices counts as a whole.
///
/// ## How it is shrunk
///
/// Not in place: [Shrink] shows the file system as it would be on a shorter device, above a disk
/// that it only reads. Chunks that lie behind the new end move whole, by saying where they lie; the
/// chunk tree, the device tree and the superblocks are changed in memory, and all else is addressed
/// logically. Where that does not do, chunks of file data lose what is free at their ends, if the
/// free space tree tells and no log awaits replay. No chunk is dropped, so that the least size is
/// what chunks take then, not what files do. One device, single and DUP; others are refused by
/// name. Judged by `btrfs check` and the kernel, which scrubs it and writes on.
///
/// ## Trust
///
/// A block must bear its checksum, its own address, the file system's UUID, and the level and
/// generation that its parent says; its keys ascend, begin with the parent's, and stay below the
/// next one's; its items lie in it. So no walk comes to a block twice, and all ends. Extents of a
/// file do not overlap; what is packed has at most 128 KiB, packed and unpacked. Limits of our own:
/// 2²¹ entries a listing, 2¹⁶ attributes a file, 2²⁰ subvolumes; 64 MiB of tree blocks and 4 MiB of
/// unpacked extents are remembered; 2¹⁶ extents of a device that is shrunk.
///
/// Thread rule: an opened file system, with all of its subvolumes, is confined to one thread at a
/// time.
@NullMarked
package io.calco.fs.btrfs;

import org.jspecify.annotations.NullMarked;
