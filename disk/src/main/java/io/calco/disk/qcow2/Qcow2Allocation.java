package io.calco.disk.qcow2;

import io.calco.disk.Allocation;
import io.calco.disk.HostFile;

/// Host space for a run of guest bytes.
///
/// @param offset first guest byte, a multiple of the unit
/// @param length guest bytes, whole units
/// @param file the image file
/// @param hostOffset where the first byte goes
/// @param fresh the clusters are newly allocated; else they are the run's own already
record Qcow2Allocation(long offset, long length, HostFile file, long hostOffset, boolean fresh)
    implements Allocation {}
