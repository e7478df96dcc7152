/// ext2, ext3 and ext4, read and written.
///
/// Read from the kernel's documentation of the layout (`Documentation/filesystems/ext4`,
/// `Documentation/filesystems/journalling`), and held to what e2fsprogs 1.47 and Linux make and
/// accept: e2fsck judges every write, debugfs and dumpe2fs the reading, and the kernel mounts what
/// we write and we read what it wrote, journals included.
///
/// ## What is handled
///
/// | | read | written |
/// |---|---|---|
/// | blocks of 1–64 KiB; inodes of 128 bytes and more; 32 and 64 bit; revision 0 and 1 | yes | yes |
/// | `sparse_super`, `sparse_super2`, `meta_bg`, `flex_bg`, `resize_inode`, `uninit_bg` | yes | yes |
/// | `metadata_csum`, `metadata_csum_seed`, `gdt_csum` | verified | kept right |
/// | extents of any depth, set aside or written; block pointers to the third level | yes | yes |
/// | `dir_index` with all hashes; `inline_data` in files and directories | yes | yes |
/// | extended attributes in the inode and in shared blocks; POSIX access lists | yes | yes |
/// | orphan list and `orphan_file` | ignored | finished when opened |
/// | a journal to replay: all checksums, revoked and escaped blocks | in memory | into the disk |
/// | `bigalloc`, `ea_inode`, `large_dir`, `casefold`, `mmp`, `quota`, `project` | yes | refused |
/// | `encrypt`, `compression`, `dirdata`, a journal elsewhere, unknown incompat bits | refused | refused |
/// | unknown ro_compat bits, `read-only`, `shared_blocks` | yes | refused |
/// | fast commits in a journal to replay | refused | refused |
/// | marked as having errors, or not clean without a journal | yes | refused |
///
/// ## How it is written
///
/// An operation changes blocks in memory ([Blocks]); when it fails it is undone there. Changed
/// blocks reach the disk together ([Transaction]), as one transaction of the journal where there is
/// one: content of files first, into blocks that were free; then the log; then its commit; then the
/// blocks in their places; then the log is empty again. A crash at any point leaves the state
/// before or after, whoever replays the journal. Without a journal the superblock says "not clean"
/// while blocks are written. A single operation that changes more blocks than the log holds (the
/// deletion of a file of some terabytes) is written as without a journal.
///
/// Blocks that were freed are not used again before the next commit. A deleted name, inode and
/// inline content are wiped at once; `trim` wipes all free blocks and the empty log.
///
/// ## How it is shrunk
///
/// Not in place: [Shrink] shows the file system as it would be on fewer blocks, above a disk that
/// it only reads. Content that lies behind the new end is moved by saying where it lies, metadata
/// is changed in memory. `meta_bg`, `sparse_super2`, `stable_inodes`, a list of bad blocks, and
/// what is not written are refused by name. Judged by e2fsck and the kernel; the least size is
/// tried rather than computed, and about what `resize2fs -P` says.
///
/// ## Trust
///
/// Numbers are checked where they are read: block numbers against the file system, which must fit
/// its disk; trees go down one level a step, their entries ascend within the parent's range, so
/// that no block counts twice; freeing a free block is an error; directories have at most 2 GiB.
/// Limits of our own: 2²¹ entries a listing, 2²¹ extents of a file that is changed.
///
/// Thread rule: an opened file system is confined to one thread at a time.
@NullMarked
package io.calco.fs.ext;

import org.jspecify.annotations.NullMarked;
