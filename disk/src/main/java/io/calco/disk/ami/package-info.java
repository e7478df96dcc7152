/// Amazon's triple: a machine image as Eucalyptus, OpenStack and EC2 of old keep it, in three
/// files. The machine image proper (`ami`) is a file system without a partition table; the kernel
/// (`aki`) and its initial RAM disk (`ari`) lie beside it.
///
/// Recognised, not started: which file is which, and which belong together. Read: the boot protocol
/// of Linux (`Documentation/arch/x86/boot.rst`), the magic numbers of compressed RAM disks
/// (`lib/decompress.c`) and of file systems, and the bundle manifests of ec2-ami-tools and
/// euca2ools.
///
/// | | |
/// |---|---|
/// | kernels: bzImage, arm64 `Image`, ELF, each also compressed | recognised, with the version |
/// | RAM disks: cpio, also compressed with gzip, xz, zstd, lz4, bzip2, lzma, lzop | recognised |
/// | ext2–4, XFS, Btrfs, ReiserFS, JFS without a partition table | recognised |
/// | bundles (`*.manifest.xml`) | recognised; their parts are encrypted for the cloud they are for |
///
/// Oracle: kernels and RAM disks of Debian, mke2fs and mkfs.xfs. Thread rule: everything is
/// immutable.
@NullMarked
package io.calco.disk.ami;

import org.jspecify.annotations.NullMarked;
