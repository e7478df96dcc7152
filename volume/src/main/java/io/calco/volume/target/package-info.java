/// Disks made of runs of other disks: what the kernel's device-mapper calls targets.
///
/// A [MappedDriver] only answers what lies at an offset and for how long; [Targets] has the
/// mappings that need no metadata of their own: `linear` (one after the other) and `striped`.
/// Allocated and zero runs of the disks below stay known.
///
/// Thread rule: as [io.calco.disk.DiskDriver] has it.
///
/// Source: the kernel's Documentation/admin-guide/device-mapper.
@NullMarked
package io.calco.volume.target;

import org.jspecify.annotations.NullMarked;
