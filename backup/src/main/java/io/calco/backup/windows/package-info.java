/// Windows' image backups, read: what `wbadmin`, Windows Server Backup and "System Image" leave in
/// a folder `WindowsImageBackup`.
///
/// ```
/// WindowsImageBackup/
///   PC-7/                                     the computer's name
///     MediaId, Catalog/, SPPMetadataCache/    for Windows' own restore
///     Backup 2019-02-22 124351/               when it began, in UTC
///       9b9cfbc4-….vhd, Esp.vhdx              one volume each, under its name or `Esp`
///       BackupSpecs.xml                       which volumes, and their letters
///       *_Components.xml, *_Writer*.xml …     documents of the Volume Shadow Copy Service
/// ```
///
/// A computer has one such folder; older states lie in shadow copies of the medium, and are seen
/// only by Windows. Several folders are there where they were copied or the target is a share.
///
/// Read: folders that Windows 7 and Server 2008 R2 to 2022 made, as their users show them;
/// Microsoft describes the files by name alone. Each VHD or VHDX is a disk with a partition table
/// and one partition, which holds the volume: [io.calco.disk] reads it.
///
/// | | |
/// |---|---|
/// | `BackupSpecs.xml`, UTF-16 or UTF-8 | read; document types and entities are refused |
/// | names of folders and files | the time, the computer, the volumes |
/// | documents of writers, `Catalog`, `MediaId`, `Logs` | passed over: they are for programs in Windows |
/// | anything else | told, by name |
///
/// **Trust.** Links are not followed. A folder has at most 10,000 entries, a text 1 MiB (ours). A
/// text that cannot be read costs the letters of the volumes, not the volumes.
///
/// Oracles: images that qemu-img makes, with NTFS and FAT by mkntfs and mkfs.fat.
///
/// Thread rule: values; everything is read when it is listed.
@NullMarked
package io.calco.backup.windows;

import org.jspecify.annotations.NullMarked;
