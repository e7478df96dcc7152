/// Parallels disk images (`.hds`, expanding `.hdd`), read only.
///
/// Read: `docs/interop/parallels.txt` of QEMU, and where it is silent what QEMU 7.2 does. All
/// numbers are little-endian. One table, the BAT, says for each cluster where it lies: in sectors
/// under the magic `WithoutFreeSpace`, in clusters under `WithouFreSpacExt`; 0 is unallocated.
///
/// | feature | |
/// |---|---|
/// | both magics, clusters of any number of sectors up to 64 MiB | read |
/// | in-use mark | told as dirty; the image is read as it is |
/// | format extension | checked by magic and MD5; its dirty bitmaps are listed |
/// | unknown extensions | left out, as nothing is written |
/// | empty-image flag | ignored, as QEMU |
/// | bundle (`DiskDescriptor.xml` with split files and snapshots) | not read; each file in it is |
///
/// Verified as `qemu-img check` does: clusters within the file, the file not longer than they need,
/// the image closed; and beyond it no cluster used twice, and the format extension.
///
/// Oracle: qemu-img and qemu-io 7.2. Write order: none. Thread rule: safe for several threads.
@NullMarked
package io.calco.disk.parallels;

import org.jspecify.annotations.NullMarked;
