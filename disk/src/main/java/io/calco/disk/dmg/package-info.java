/// Apple disk images (UDIF, `.dmg`), read only.
///
/// Apple published no specification. Read: the descriptions of the format by those who took it
/// apart (dmg2img, libmodi's and "Demystifying the DMG File Format"), and what QEMU 7.2 does. All
/// numbers are big-endian. The last 512 bytes, the `koly` block, say where a property list lies (or
/// in old images a resource fork), which holds a table of chunks (`mish`) for each partition of the
/// disk.
///
/// | feature | |
/// |---|---|
/// | chunks: zero, ignored, raw, ADC, zlib, bzip2, LZFSE, LZMA (xz) | read |
/// | chunk tables in XML and in a resource fork | read |
/// | packed chunks of more than 16 MiB, property lists of more than 16 MiB | refused |
/// | overlapping chunks | refused |
/// | encrypted images, images in several segments | refused, by name |
///
/// The property list is parsed without its document type, and nothing it names is opened.
///
/// Oracle: qemu-img 7.2 (zlib and what is not packed), dmg2img (ADC, bzip2), xz, and real images.
/// Write order: none. Thread rule: safe for several threads.
@NullMarked
package io.calco.disk.dmg;

import org.jspecify.annotations.NullMarked;
