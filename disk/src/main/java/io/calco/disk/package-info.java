/// Disks, and the files that hold them.
///
/// [Disk] is the abstraction that carries the house: a fixed number of bytes that a guest sees,
/// read and written by position, that can tell which runs are allocated and which read as zeroes.
/// Callers hold a [Disk]; implementers write a [DiskDriver], or, for an image format, the much
/// smaller [FormatDriver], which only answers where guest bytes lie. [FormatDisk] does the reading,
/// writing, copy-on-write and zeroing for all formats. A [HostFile] is what lies below a format:
/// bytes on the host that a test can record, cut and replay.
///
/// Thread rule: [Disk] and [HostFile] are safe for use by several threads at once unless their
/// documentation says otherwise.
@NullMarked
package io.calco.disk;

import org.jspecify.annotations.NullMarked;
