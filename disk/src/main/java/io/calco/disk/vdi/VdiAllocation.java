package io.calco.disk.vdi;

import io.calco.disk.Allocation;
import io.calco.disk.HostFile;

/// Host space for a run of guest bytes in blocks that follow each other in the file too.
///
/// @param block the disk's first block in it
/// @param entry that block's number in the file
/// @param blocks how many
record VdiAllocation(
    long offset, long length, HostFile file, long hostOffset, long block, int entry, int blocks)
    implements Allocation {}
