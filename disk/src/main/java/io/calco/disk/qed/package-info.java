/// QED images, QEMU's short-lived successor to qcow2, read only.
///
/// Read: `docs/interop/qed_spec.txt` of QEMU 7.2. All numbers are little-endian. An L1 table points
/// at L2 tables, an L2 entry at a cluster; entry 0 is unallocated, 1 reads as zeroes.
///
/// | feature | |
/// |---|---|
/// | clusters of 4 KiB–64 MiB, tables of 1–16 clusters | read |
/// | backing image, with and without the mark that it is raw | named, never opened here |
/// | need-check bit | told as dirty: an image is read as it is, and never mended here |
/// | unknown compatible and autoclear features | ignored, as the specification asks |
/// | unknown incompatible features | refused, by number |
///
/// Verified as `qemu-img check` does: offsets within the file and on clusters, no cluster used
/// twice, none unused.
///
/// Oracle: qemu-img and qemu-io 7.2. Write order: none. Thread rule: safe for several threads.
@NullMarked
package io.calco.disk.qed;

import org.jspecify.annotations.NullMarked;
