package io.calco.disk;

/// Host space that a [FormatDriver] has set aside for a run of guest bytes, not yet visible in the
/// image.
public interface Allocation {

  /// First guest byte; at or before the one asked for.
  long offset();

  /// Guest bytes; the run includes the first byte asked for, and may reach beyond the disk's end in
  /// its last unit.
  long length();

  /// The file to write into.
  HostFile file();

  /// Where [#offset] goes in [#file].
  long hostOffset();
}
