package io.calco.disk.vmdk;

import io.calco.disk.Allocation;
import io.calco.disk.HostFile;

/// Grains set aside at the end of an extent's file.
///
/// @param base guest offset of the extent that they are for
/// @param inExtent first guest byte, counted from there
/// @param length guest bytes, to the end of the last grain or of the extent
/// @param file the extent's file
/// @param hostOffset the first grain's place
record GrainAllocation(long base, long inExtent, long length, HostFile file, long hostOffset)
    implements Allocation {
  @Override
  public long offset() {
    return base + inExtent;
  }
}
