/// XFS, versions 4 and 5.
///
/// Read from the kernel's description of the structures (`fs/xfs/libxfs/xfs_format.h` and its
/// neighbours, and "XFS Algorithms & Data Structures"), and held to what xfsprogs 6.1 and Linux
/// make: the kernel's mount judges the reading, partclone.xfs the map of used blocks.
///
/// ## What is handled
///
/// | | read | written |
/// |---|---|---|
/// | version 5: checksums, UUID, place and owner of every metadata block | verified | kept right |
/// | version 4 with directories of version 2 | yes | refused |
/// | inodes of versions 1–3, `bigtime`, `nrext64`, sparse chunks | yes | yes (version 3) |
/// | extents in the inode and in b-trees; set aside, shared (`reflink`) | yes | yes |
/// | directories in short, block, leaf and node form, with or without file types | yes | yes |
/// | extended attributes in all forms, values in blocks; access lists | yes | yes |
/// | `finobt`, `inobtcount` | ignored | kept right |
/// | another UUID (`meta_uuid`) | yes | yes |
/// | `rmapbt`, quota, parent pointers, `exchange`, `ascii-ci`, `needsrepair` | yes | refused |
/// | a log that is not empty | said so; read as it stands | refused |
/// | log on another device, log stripe above 32 KiB, blocks above 16 KiB | yes | refused |
/// | unknown ro_compat bits, a realtime device | yes | refused |
/// | files on a realtime device, metadata directories, zones, unknown incompat bits | refused | refused |
/// | growing the file system | | refused: `xfs_growfs` does it when mounted |
/// | shrinking | | what is free at the end of the last group |
///
/// A directory is read whole from its data blocks, and attributes from their leaves: indexes above
/// them are not needed. Used blocks are all but those in the groups' b-trees of free space and on
/// their free lists, as partclone counts.
///
/// ## How it is written
///
/// An operation changes blocks, and the groups' lists of free space, inodes and shared runs, in
/// memory; when it fails it is undone there. A directory's entries keep their places; its index,
/// and a group's b-trees, are written anew from what they hold, evenly filled. Content of files
/// goes at once into blocks that were free. A commit brings everything else to the disk:
///
/// 1. the changed blocks as one checkpoint of buffers in the log, then a sync;
/// 2. the blocks in their places, then a sync;
/// 3. a record that says that the file system was unmounted, then a sync.
///
/// A crash before the end of 1 leaves the state before, as a checkpoint without its end does not
/// count; one after it leaves the state after, which the kernel's replay completes. Blocks that
/// were freed are not used again before the next commit. Sequence numbers in blocks stay as they
/// were: they only ever keep a replay from going back, which a log that held nothing before cannot
/// do.
///
/// Empty chunks of inodes are kept, as with the mount option `ikeep`; a deleted inode is wiped.
/// `trim` wipes all free blocks, and what the empty log holds of old metadata.
///
/// ## How it is shrunk
///
/// Not in place: [Shrink] shows the file system without what is free at the end of its last group,
/// above a disk that it only reads; changed metadata is in memory. Files never move, and no group
/// goes: as XFS spreads them over its groups, a new file system of four groups loses up to a
/// quarter. What is not written is not shrunk. Judged by xfs_repair and the kernel, which fills and
/// grows it.
///
/// ## Trust
///
/// Numbers are checked where they are read: blocks against their group, groups against the file
/// system, which must fit its disk; b-trees go down one level a step, no block of a group's tree
/// counts twice, extents ascend. Limits of our own: 2²¹ extents of a file, 2²¹ entries of a
/// directory, 64 MiB of attributes of a file.
///
/// Thread rule: an opened file system is confined to one thread at a time.
@NullMarked
package io.calco.fs.xfs;

import org.jspecify.annotations.NullMarked;
