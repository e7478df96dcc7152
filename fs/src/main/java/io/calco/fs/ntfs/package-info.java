/// NTFS 3.x read and written, and 1.2 of Windows NT 4 read.
///
/// Read from Microsoft's open specifications (MS-FSCC for reparse points and extended attributes,
/// MS-XCA for LZNT1, MS-DTYP for security descriptors) and what is known of the layout on disk, and
/// held to what ntfs-3g 2022.10 makes and accepts: it mounts what we write and shows what we read,
/// ntfsresize counts the clusters of every file, and partclone those in use. One volume that a
/// Windows made was read and written so; no Windows has mounted one that was written here.
///
/// ## What a file looks like
///
/// Names are those of Windows and POSIX; a name of DOS's alone is not listed, but found. A name is
/// found exactly, or else whatever its case, by the volume's own table of letters. The volume's own
/// files (`$MFT` …) are not listed, but can be read. Owner and mode are root and 0777, as ntfs-3g
/// shows them, unless Windows' Subsystem for Linux has noted others. Named streams are extended
/// attributes `user.STREAM`, those of more than 64 KiB left out; the security descriptor is
/// `system.ntfs_acl`. Symbolic links, junctions and the links of WSL and Interix are symbolic links
/// whose target has `/` for `\`, and keeps its drive: `C:/Users`. Any other reparse point is
/// `system.ntfs_reparse_data` of its file.
///
/// ## What is handled
///
/// | | read | written |
/// |---|---|---|
/// | clusters of 256 bytes to 2 MiB; records and index blocks of 512 bytes to 64 KiB | yes | yes |
/// | a file in more than one record | yes | when what is left has room in one; else refused |
/// | the MFT in more than one record | yes | while a record is free |
/// | sparse and compressed (LZNT1) files | yes | become plain |
/// | compressed by the overlay filter (WOF), deduplicated | refused | replaced by plain ones |
/// | encrypted (EFS) | refused | refused |
/// | names that Windows does not allow | yes | refused |
/// | owners and modes | yes | ignored |
/// | a damaged boot sector | its copy at the end | as read |
/// | NTFS 1.2; dirty, or with a log to redo; hibernated, or shut down for a fast start | yes | refused |
///
/// The log is not replayed; [io.calco.fs.FileSystemFacts#clean] tells whether there is anything to
/// replay.
///
/// ## How it is written
///
/// An operation changes records, index blocks and bitmaps in memory ([UnitCache]); when it fails it
/// is undone there. [Commit] writes the changes of many operations together: content first, into
/// clusters that were free, with bits that are or will be set and records and blocks that nothing
/// refers to yet; then records and index blocks in use; then the records that are free; then the
/// bitmaps as they are to be. An operation that moves names between blocks of an index (a split, a
/// name that is taken from an inner node, an empty leaf that goes) is written by itself, from the
/// root down, so that a name is in its new place before it leaves the old one.
///
/// A cut leaves clusters and records marked as used that are no file's, or at worst a name twice;
/// it also leaves the volume marked as dirty, as it is from the first change until it is closed, so
/// that Windows runs chkdsk, which mends that. Between the two copies of one of the MFT's first
/// records, such as the one with that mark, it leaves them unlike, and ntfs-3g then wants ntfsfix
/// to be run first. A record or index block is taken to be written whole, as disks with sectors of
/// 4 KiB do. The log is left as it is: it was clean when the volume was opened, so that nothing in
/// it is ever redone. New files are named as ntfs-3g names them, in POSIX's namespace without a
/// short name; they get their directory's security descriptor, or one that lets everybody in where
/// it has none in $Secure. A directory's own times stay.
///
/// Clusters and records that were freed are not used again before the next commit. A record is
/// emptied when it is freed; `trim` wipes all free clusters.
///
/// ## Shrinking
///
/// [Shrink] shows a volume as it would be on fewer bytes, under the same conditions as it is
/// written. Every file record is looked through: a cluster that two files have, or that is marked
/// as free, is refused; one that is marked as in use and no file's becomes free. The clusters of
/// all attributes that lie behind the end move ([ShrinkPlan]), those of the MFT, its mirror, the
/// log and sparse, compressed and encrypted files too, each into one run where there is one. The
/// runs of a record stay in it: where they become too many for its room, all of the attribute's
/// extent is placed anew, and where that does not do either, the volume is not made so short.
///
/// The log stays as it is, since it is clean, and the volume is not marked for chkdsk, as
/// ntfsresize marks it. The list of bad clusters is emptied: the disk that they were on is another.
/// Shadow copies name places on the volume, and are said to be none; their files stay. Sizes that
/// the root directory repeats of $Bitmap and $BadClus stay as they were; so does ntfsresize leave
/// them.
///
/// In memory are a bit for each cluster, what $Bitmap will be, and where runs have moved; no file
/// records, which are made out whenever they are read ([MovedRecords]). 144 MiB of heap did for a
/// volume of 1 TiB all of whose 348,000 files moved. A $Bitmap or $BadClus in more than one record
/// is refused, and 2³¹ clusters or more.
///
/// ## Used blocks
///
/// What $Bitmap marks, and the sector behind the last cluster that repeats the boot sector. No bit
/// stands for it, and partclone.ntfs leaves it out: a volume restored by that has no copy of its
/// boot sector until chkdsk makes one.
///
/// ## Trust
///
/// Numbers are checked where they are read; freeing a free cluster is an error. An index is left
/// when a block comes twice or the tree is deeper than 24; limits of our own are 2²¹ names a
/// listing, 2²⁰ runs an attribute.
///
/// Thread rule: an opened volume is confined to one thread at a time.
@NullMarked
package io.calco.fs.ntfs;

import org.jspecify.annotations.NullMarked;
