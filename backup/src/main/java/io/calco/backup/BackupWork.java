package io.calco.backup;

import java.util.OptionalLong;

/// What making a point took.
///
/// @param kept bytes that the point stands for, holes left out by file systems not among them
/// @param data bytes of those that are no zeroes
/// @param fresh bytes of those that the store did not have
/// @param stored bytes that were written for those, packed
/// @param known bytes of the data that were not read, as an earlier point has them; empty when all
///   was read
/// @param millis how long it took
public record BackupWork(
    long kept, long data, long fresh, long stored, OptionalLong known, long millis) {

  /// With all read.
  public BackupWork(long kept, long data, long fresh, long stored, long millis) {
    this(kept, data, fresh, stored, OptionalLong.empty(), millis);
  }
}
