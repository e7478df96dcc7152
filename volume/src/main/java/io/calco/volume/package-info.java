/// Partition tables: which runs of a [io.calco.disk.Disk] are disks of their own.
///
/// Start with [Volumes#of] for all that is in a disk, containers opened: partitions, LVM2 volume
/// groups ([io.calco.volume.lvm]), encrypted volumes ([io.calco.volume.luks]), arrays
/// ([io.calco.volume.md]). Or with [PartitionTable#find] for its partitions alone. What it finds is
/// a value that holds nothing open; a [Partition]'s bytes come from [Partition#slice].
///
/// | | read | grown | sources |
/// |---|---|---|---|
/// | [Mbr] | primary, extended (types 05, 0F, 85), chains of logical partitions | last partition, its extended one | Linux's block/partitions/msdos.c for what counts, util-linux for numbers |
/// | [Gpt] | primary and backup, sectors of 512 and 4096 bytes, hybrid MBR | backup moved, last partition | UEFI 2.10 chapter 5; Linux's block/partitions/efi.c |
///
/// **Reading is lenient, writing is strict.** What contradicts the rules but leaves the table
/// readable becomes a [TableProblem]; one that says [TableProblem.Effect#REFUSES_WRITING] makes
/// [PartitionTable#growToEnd] refuse. Only a table that cannot be read at all throws.
///
/// **What is no table.** The boot sectors of FAT, exFAT, NTFS and BitLocker end in 0x55AA too. A
/// sector 0 with the marks of one of these, or with a boot indicator that is neither 0 nor 0x80, is
/// no MBR (blkid's and the kernel's rules). A GPT counts only below a protective MBR.
///
/// **Units.** All positions are bytes. An MBR counts in sectors of 512 bytes; nothing in an image
/// could say otherwise. A GPT says its sector size by where its header lies.
///
/// **Write order.** GPT: the backup's entries and header at their new place, sync, the primary's
/// entries and header, sync, the protective MBR, sync; when the primary was damaged and the backup
/// read, the primary first. So one of the two is whole at any time. The old backup is left where it
/// was. MBR: the extended partition, then the link that leads to the logical one, then the logical
/// one, a sync after each: at any point all lies within what contains it. Repeating after a crash
/// finishes the work.
///
/// Limits, ours unless it says otherwise: 4 MiB of GPT entries, entries of 128 · 2ⁿ to 4096 bytes
/// (128 · 2ⁿ is the specification's), 256 logical partitions (Linux's), 512 extended boot records.
///
/// Thread rule: tables and partitions are values. [PartitionTable#growToEnd] is for one thread at a
/// time on a disk.
///
/// Proven against sgdisk, sfdisk, parted and blkid.
@NullMarked
package io.calco.volume;

import org.jspecify.annotations.NullMarked;
