package io.calco.disk;

/// What may become of the host space under a run that is made to read as zeroes.
public enum ZeroMode {
  /// The run stays (or becomes) allocated.
  KEEP_ALLOCATED,
  /// The run may become unallocated, if it still reads as zeroes then.
  MAY_UNMAP
}
