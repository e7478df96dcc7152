package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// An entry of the snapshot table.
///
/// @param l1Offset host offset of the snapshot's L1 table, as the file says
/// @param l1Entries entries in it, as the file says
/// @param virtualSize size of the disk then
/// @param facts what a user is told
/// @param entry the entry as it stands in the table, padding left out
record Snapshot(
    long l1Offset,
    long l1Entries,
    long virtualSize,
    FormatInfo.Snapshot facts,
    MemorySegment entry) {

  /// Copies what a caller may change.
  Snapshot {
    entry = MemorySegment.ofArray(entry.toArray(Qcow2Layout.U8)).asReadOnly();
  }

  /// The number of L1 entries, after checking that the table can be used.
  int checkedL1Entries(HostFile file, Geometry geometry) throws IOException {
    if (l1Entries * 8 > Qcow2Layout.L1_BYTES_MAX) {
      throw new LimitExceededException(
          "%s: snapshot \"%s\": %d entries in its L1 table; at most %d are allowed"
              .formatted(file.name(), facts.name(), l1Entries, Qcow2Layout.L1_BYTES_MAX / 8));
    }
    boolean inside =
        l1Offset >= geometry.clusterSize()
            && geometry.inCluster(l1Offset) == 0
            && l1Offset <= file.size()
            && l1Entries * 8 <= file.size() - l1Offset;
    if (l1Entries > 0 && !inside || l1Entries < geometry.l1EntriesFor(virtualSize)) {
      throw CorruptImageException.at(
          file.name(),
          "L1 table of snapshot \"%s\"".formatted(facts.name()),
          l1Offset,
          l1Entries + " entries",
          "a table within the file, for %d guest bytes".formatted(virtualSize));
    }
    return (int) l1Entries;
  }
}
