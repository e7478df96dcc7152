package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U16;
import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The internal snapshots of an image.
///
/// @param snapshots in the file's order
/// @param lengthBytes what the table takes in the file
record SnapshotTable(String fileName, List<Snapshot> snapshots, long lengthBytes) {
  private static final int ENTRY_LENGTH = 40;
  private static final int EXTRA_DISK_SIZE = 16;
  private static final int EXTRA_ICOUNT = 24;

  SnapshotTable {
    snapshots = List.copyOf(snapshots);
  }

  /// Reads the table that the header names.
  static SnapshotTable read(HostFile file, Qcow2Header header) throws IOException {
    List<Snapshot> snapshots = new ArrayList<>();
    long start = header.snapshotsOffset();
    long at = start;
    for (int i = 0; i < header.snapshotCount(); i++) {
      try {
        at = readEntry(file, at, header.size(), snapshots);
      } catch (EOFException e) {
        throw CorruptImageException.at(
            file.name(), "snapshot " + i, at, "the end of the file", "a whole entry");
      }
      if (at - start > Qcow2Layout.SNAPSHOT_TABLE_BYTES_MAX) {
        throw new LimitExceededException(file.name() + ": the snapshot table exceeds 64 MiB");
      }
    }
    return new SnapshotTable(file.name(), snapshots, at - start);
  }

  private static long readEntry(HostFile file, long at, long diskSize, List<Snapshot> into)
      throws IOException {
    MemorySegment fixed = MemorySegment.ofArray(new byte[ENTRY_LENGTH]);
    file.read(at, fixed);
    int idLength = Short.toUnsignedInt(fixed.get(U16, 12));
    int nameLength = Short.toUnsignedInt(fixed.get(U16, 14));
    long extraLength = Integer.toUnsignedLong(fixed.get(U32, 36));
    if (extraLength > Qcow2Layout.SNAPSHOT_EXTRA_MAX) {
      throw new LimitExceededException(
          "%s: snapshot entry at 0x%x: %d bytes of extra data; at most %d are allowed"
              .formatted(file.name(), at, extraLength, Qcow2Layout.SNAPSHOT_EXTRA_MAX));
    }
    MemorySegment rest =
        MemorySegment.ofArray(new byte[Math.toIntExact(extraLength) + idLength + nameLength]);
    file.read(at + ENTRY_LENGTH, rest);
    long vmState = extraLength >= 8 ? rest.get(U64, 0) : Integer.toUnsignedLong(fixed.get(U32, 32));
    long virtualSize = extraLength >= EXTRA_DISK_SIZE ? rest.get(U64, 8) : diskSize;
    if (virtualSize < 0) {
      throw CorruptImageException.at(
          file.name(), "disk size of a snapshot", at + ENTRY_LENGTH + 8, virtualSize, "below 2^63");
    }
    FormatInfo.Snapshot facts =
        new FormatInfo.Snapshot(
            Texts.decode(rest.asSlice(extraLength, idLength)),
            Texts.decode(rest.asSlice(extraLength + idLength, nameLength)),
            Instant.ofEpochSecond(
                Integer.toUnsignedLong(fixed.get(U32, 16)),
                Integer.toUnsignedLong(fixed.get(U32, 20))),
            virtualSize,
            vmState,
            fixed.get(U64, 24),
            extraLength >= EXTRA_ICOUNT ? rest.get(U64, 16) : -1);
    MemorySegment whole =
        MemorySegment.ofArray(new byte[Math.toIntExact(ENTRY_LENGTH + rest.byteSize())]);
    MemorySegment.copy(fixed, 0, whole, 0, ENTRY_LENGTH);
    MemorySegment.copy(rest, 0, whole, ENTRY_LENGTH, rest.byteSize());
    into.add(
        new Snapshot(
            fixed.get(U64, 0),
            Integer.toUnsignedLong(fixed.get(U32, 8)),
            virtualSize,
            facts,
            whole));
    return at + padded(whole.byteSize());
  }

  /// A new entry, with all extra data that version 3 knows.
  static Snapshot entry(long l1Offset, int l1Entries, FormatInfo.Snapshot facts) {
    byte[] id = facts.id().getBytes(StandardCharsets.UTF_8);
    byte[] name = facts.name().getBytes(StandardCharsets.UTF_8);
    int texts = ENTRY_LENGTH + EXTRA_ICOUNT;
    MemorySegment entry = MemorySegment.ofArray(new byte[texts + id.length + name.length]);
    Instant taken = facts.taken();
    entry.set(U64, 0, l1Offset);
    entry.set(U32, 8, l1Entries);
    entry.set(U16, 12, (short) id.length);
    entry.set(U16, 14, (short) name.length);
    entry.set(U32, 16, (int) taken.getEpochSecond());
    entry.set(U32, 20, taken.getNano());
    entry.set(U64, 24, facts.vmClockNanos());
    entry.set(U32, 32, (int) Math.min(facts.vmStateSize(), 0xffff_ffffL));
    entry.set(U32, 36, EXTRA_ICOUNT);
    entry.set(U64, ENTRY_LENGTH, facts.vmStateSize());
    entry.set(U64, ENTRY_LENGTH + 8, facts.virtualSize());
    entry.set(U64, ENTRY_LENGTH + 16, facts.icount());
    MemorySegment.copy(id, 0, entry, Qcow2Layout.U8, texts, id.length);
    MemorySegment.copy(name, 0, entry, Qcow2Layout.U8, texts + id.length, name.length);
    return new Snapshot(l1Offset, l1Entries, facts.virtualSize(), facts, entry);
  }

  /// The bytes of a table of these entries.
  static MemorySegment encode(List<Snapshot> snapshots) {
    long length = 0;
    for (Snapshot snapshot : snapshots) {
      length += padded(snapshot.entry().byteSize());
    }
    MemorySegment table = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    long at = 0;
    for (Snapshot snapshot : snapshots) {
      MemorySegment.copy(snapshot.entry(), 0, table, at, snapshot.entry().byteSize());
      at += padded(snapshot.entry().byteSize());
    }
    return table;
  }

  private static long padded(long length) {
    return (length + 7) / 8 * 8;
  }

  /// True when every entry has the extra data that version 3 asks for.
  boolean fitForVersion3() {
    return snapshots.stream()
        .allMatch(snapshot -> snapshot.entry().get(U32, 36) >= EXTRA_DISK_SIZE);
  }

  /// The snapshot of that id, or else of that name.
  Snapshot get(String idOrName) throws UnsupportedFeatureException {
    for (Snapshot snapshot : snapshots) {
      if (snapshot.facts().id().equals(idOrName)) {
        return snapshot;
      }
    }
    for (Snapshot snapshot : snapshots) {
      if (snapshot.facts().name().equals(idOrName)) {
        return snapshot;
      }
    }
    throw new UnsupportedFeatureException(
        "%s: has no internal snapshot \"%s\"".formatted(fileName, idOrName));
  }
}
