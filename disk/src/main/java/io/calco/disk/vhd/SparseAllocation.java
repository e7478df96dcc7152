package io.calco.disk.vhd;

import io.calco.disk.Allocation;
import io.calco.disk.HostFile;

/// Host space for sectors of one block.
///
/// @param block the block's number
/// @param bitmap where the block begins, with its bitmap
/// @param fresh the block is new; else it is in the table already
record SparseAllocation(
    long offset,
    long length,
    HostFile file,
    long hostOffset,
    long block,
    long bitmap,
    boolean fresh)
    implements Allocation {}
