/// Clonezilla image directories, read and written.
///
/// [ClonezillaImage] makes each saved disk a read-only [io.calco.disk.Disk] of its full size:
/// tables and contents spliced at their places, read anywhere, what was not saved zeroes.
/// [ClonezillaWriter] saves a disk to a directory that Clonezilla restores.
///
/// Read: `ocs-functions` and the programs beside it of clonezilla 5.3.17 and 5.18.1 for the names
/// and the meaning of files, sfdisk(8) for its dumps, parted(8), vgcfgrestore(8).
///
/// | | read | written |
/// |---|---|---|
/// | `disk`, `parts` | yes; without `disk`, the disks whose tables are there | yes |
/// | `DISK-gpt-1st`, else `DISK-gpt.gdisk` | yes; the backup GPT follows from it, since `DISK-gpt-2nd` lacks a sector | yes, all three |
/// | `DISK-mbr`, `DISK-hidden-data-after-mbr`, `PART-ebr` | yes | yes |
/// | `DISK-pt.sf` | logical partitions; else compared with the binary table | yes |
/// | `DISK-pt.parted` | the disk's size | yes |
/// | `PART.FS-ptcl-img.EXT`, cut or whole | gz, zst, xz, bz2, lz4, uncomp; lzo, lzma, lzip, lrz refused by name | gz, zst, lz4, uncomp |
/// | `PART.dd-ptcl-img.EXT`, and `dd-img`, `FS-img` of old images | yes | the first |
/// | ntfsclone's and partimage's images | refused by name | no |
/// | `swappt-PART.info` | the swap area's header is made again | yes |
/// | `lvm_vg_dev.list`, `lvm_GROUP.conf`, `GROUP-VOLUME.*` | groups of linear and striped volumes are made again | such groups; others are saved as all bytes of their partitions |
/// | `PART-luksHeader.bin` (saved from inside LUKS) | refused by name; LUKS saved as all bytes is read | all bytes |
/// | `MD5SUMS`, `SHA1SUMS`, `B2SUMS`, `B3SUMS` … | compared when verified | `MD5SUMS` |
/// | encrypted images (eCryptfs, gocryptfs), BitTorrent slices | refused, ignored | no |
/// | everything else (`Info-*`, `blkid.list` …) | ignored | what Clonezilla's programs look at |
///
/// **Reading anywhere.** partclone's images have an order that needs no unpacking
/// ([io.calco.disk.partclone]); what compressed streams need is [io.calco.disk.wrap]'s: an index
/// with windows of 0.8 % for gz and lz4, blocks for xz and bz2, frames for zst. A zst or xz of one
/// frame or block above 32 MiB, which is what `zstd -c` and `xz -c` write, is unpacked once to a
/// scratch file without a name in the temporary directory, which leaves 1 GiB free there.
///
/// **Trust.** Names in the texts are looked up among the directory's plain files, never followed;
/// links are refused. Texts have at most 1 MiB, the directory 65,536 files, a table 1024 partitions
/// (all ours). A stream unpacks to what its partition can hold and no more. Tables that contradict
/// each other, runs that overlap or leave the disk, and gaps in a row of parts are refused, each in
/// a line.
///
/// **Writing.** All files are made in `NAME.part` beside the target, brought to the medium, and the
/// directory gets its name when it is whole. Used blocks are those that the file system tells
/// ([io.calco.fs.UsedBlocks]); what it has no map of is saved as all bytes. Streams are packed in
/// independent frames or members on all cores, so that they are quick to be read in their middle
/// here; Clonezilla reads them as any others.
///
/// Oracles: Clonezilla's own `ocs-sr` in both directions on loop devices, partclone, sfdisk,
/// sgdisk, e2fsck, blkid, lvm, md5sum.
///
/// Thread rule: images and writers are confined; disks are safe for several threads at once.
@NullMarked
package io.calco.backup.clonezilla;

import org.jspecify.annotations.NullMarked;
