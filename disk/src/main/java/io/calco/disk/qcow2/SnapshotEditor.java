package io.calco.disk.qcow2;

import io.calco.disk.Findings;
import io.calco.disk.FormatInfo;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Makes, applies and deletes internal snapshots.
///
/// Every change hangs on one write of the header, and what that names is on the medium before:
///
/// - create: marks of ownership taken off → | counts raised, copies of the tables written → |
///   header
/// - apply: counts of the snapshot's clusters raised, a copy of its L1 table written → | header → |
///   counts of what was active lowered
/// - delete: a snapshot table without it written → | header → | counts lowered → | marks of
///   ownership set anew
///
/// Between, a count may be higher than the marks say, which costs space or a copy and never data;
/// in version 3 the dirty bit makes the next writer mend it.
///
/// Thread rule: confined to whoever may change the image.
final class SnapshotEditor {
  /// QEMU's: bytes in a name, with a zero after them.
  private static final int NAME_MAX = 255;

  private final EditedImage image;
  private final Qcow2Header header;
  private final Geometry geometry;

  SnapshotEditor(EditedImage image) {
    this.image = image;
    this.header = image.header();
    this.geometry = image.geometry();
  }

  FormatInfo.Snapshot create(String name) throws IOException {
    if (header.hasDataFile()) {
      throw new UnsupportedFeatureException(
          image.file().name() + ": with an external data file there are no internal snapshots");
    }
    SnapshotTable table = SnapshotTable.read(image.file(), header);
    checkName(name, table);
    image.order().flush();
    L1Tree active = active();
    active.walk((first, count) -> {});
    image.beginDisagreement();
    Snapshot snapshot;
    try {
      active.markShared();
      PointerTable.writeEntries(
          image.file(), header.l1Offset(), active.sharedEntries(), 0, active.entries());
      image.reread();
      image.barrier().sync();
      raise(active);
      snapshot = write(active, name, table);
    } catch (LimitExceededException e) {
      mendMarks();
      image.endDisagreement();
      throw e;
    }
    List<Snapshot> all = new ArrayList<>(table.snapshots());
    all.add(snapshot);
    replaceTable(table, all);
    image.endDisagreement();
    return snapshot.facts();
  }

  private void checkName(String name, SnapshotTable table) throws IOException {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > NAME_MAX || name.indexOf('\0') >= 0) {
      throw new UnsupportedFeatureException(
          "%s: a snapshot's name has 1 to %d bytes, none of them zero"
              .formatted(image.file().name(), NAME_MAX));
    }
    if (table.snapshots().size() >= Qcow2Layout.SNAPSHOTS_MAX) {
      throw new LimitExceededException(
          "%s: has %d internal snapshots, which is all there may be"
              .formatted(image.file().name(), Qcow2Layout.SNAPSHOTS_MAX));
    }
    for (Snapshot other : table.snapshots()) {
      if (other.facts().name().equals(name) || other.facts().id().equals(name)) {
        throw new UnsupportedFeatureException(
            "%s: has an internal snapshot \"%s\" already".formatted(image.file().name(), name));
      }
    }
  }

  private L1Tree active() {
    return new L1Tree(image.file(), geometry, image.map().l1().entries());
  }

  private L1Tree tree(Snapshot snapshot) throws IOException {
    int entries = snapshot.checkedL1Entries(image.file(), geometry);
    long[] l1 = PointerTable.readEntries(image.file(), snapshot.l1Offset(), entries);
    return new L1Tree(image.file(), geometry, l1);
  }

  /// Counts one reference more to everything in the tree, or to nothing.
  private void raise(L1Tree tree) throws IOException {
    long[] raised = {0};
    try {
      tree.walk((first, count) -> {
        for (long cluster = first; cluster < first + count; cluster++) {
          expectCounted(cluster);
          image.refcounts().add(cluster, 1, 1);
          raised[0]++;
        }
      });
    } catch (IOException | RuntimeException e) {
      try {
        lower(tree, raised[0]);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// A cluster in use that is not counted would be counted once for two references.
  private void expectCounted(long cluster) throws IOException {
    if (image.refcounts().get(cluster) == 0) {
      throw io.calco.disk.CorruptImageException.at(
          image.file().name(),
          "refcount of a cluster in use",
          cluster << geometry.clusterBits(),
          0,
          "at least 1; a repair mends this");
    }
  }

  private void lower(L1Tree tree, long references) throws IOException {
    long[] left = {references};
    tree.walk((first, count) -> {
      long here = Math.min(count, left[0]);
      image.refcounts().add(first, here, -1);
      left[0] -= here;
    });
  }

  /// Writes a copy of the active L1 table.
  private Snapshot write(L1Tree active, String name, SnapshotTable table) throws IOException {
    long[] l1 = active.sharedEntries();
    long offset = image.allocateTable(8L * l1.length);
    PointerTable.writeEntries(image.file(), offset, l1, 0, l1.length);
    long highest = 0;
    for (Snapshot other : table.snapshots()) {
      highest = Math.max(highest, number(other.facts().id()));
    }
    FormatInfo.Snapshot facts =
        new FormatInfo.Snapshot(
            Long.toString(highest + 1), name, Instant.now(), image.map().size(), 0, 0, -1);
    return SnapshotTable.entry(offset, l1.length, facts);
  }

  /// An id as a number, 0 when it is none.
  private static long number(String id) {
    return id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
  }

  /// Writes another snapshot table and makes the header name it; the old one is freed. Everything
  /// else that the new one names was written.
  void replaceTable(SnapshotTable old, List<Snapshot> all) throws IOException {
    MemorySegment bytes = SnapshotTable.encode(all);
    if (bytes.byteSize() > Qcow2Layout.SNAPSHOT_TABLE_BYTES_MAX) {
      throw new LimitExceededException(
          image.file().name() + ": the snapshot table would exceed 64 MiB");
    }
    long oldOffset = header.snapshotsOffset();
    long offset = image.allocateTable(bytes.byteSize());
    image.file().write(offset, bytes);
    image.settle();
    header.setSnapshots(offset, all.size());
    image.freeTable(oldOffset, old.lengthBytes());
    image.barrier().sync();
  }

  FormatInfo.Snapshot apply(String idOrName) throws IOException {
    if (!Bitmaps.read(image.file(), header).bitmaps().isEmpty()) {
      throw new UnsupportedFeatureException(
          image.file().name()
              + ": a snapshot cannot be applied while the image has dirty bitmaps, which could not"
              + " say what changed");
    }
    Snapshot snapshot = SnapshotTable.read(image.file(), header).get(idOrName);
    if (header.hasDataFile()) {
      throw new UnsupportedFeatureException(
          image.file().name() + ": with an external data file no snapshot can be applied");
    }
    L1Tree tree = tree(snapshot);
    image.order().flush();
    L1Tree before = active();
    before.walk((first, count) -> {});
    long oldOffset = header.l1Offset();
    image.beginDisagreement();
    try {
      tree.markShared();
      raise(tree);
    } catch (LimitExceededException e) {
      mendMarks();
      image.endDisagreement();
      throw e;
    }
    long[] l1 = tree.sharedEntries();
    long offset = image.allocateTable(8L * l1.length);
    PointerTable.writeEntries(image.file(), offset, l1, 0, l1.length);
    image.settle();
    header.setActive(offset, l1.length, snapshot.virtualSize());
    image.barrier().sync();
    image.reread();
    image.map().setSize(snapshot.virtualSize());
    free(before);
    image.freeTable(oldOffset, 8L * before.entries());
    image.endDisagreement();
    return snapshot.facts();
  }

  /// Gives back what a tree that nothing names any more referred to.
  private void free(L1Tree tree) throws IOException {
    tree.walk((first, count) -> {
      image.freed().add(first, count);
      image.order().relieve();
    });
  }

  FormatInfo.Snapshot delete(String idOrName) throws IOException {
    SnapshotTable table = SnapshotTable.read(image.file(), header);
    Snapshot snapshot = table.get(idOrName);
    L1Tree tree = tree(snapshot);
    tree.walk((first, count) -> {});
    List<Snapshot> rest = new ArrayList<>(table.snapshots());
    rest.remove(snapshot);
    image.beginDisagreement();
    replaceTable(table, rest);
    free(tree);
    image.freeTable(snapshot.l1Offset(), 8L * tree.entries());
    image.order().flush();
    mendMarks();
    image.endDisagreement();
    return snapshot.facts();
  }

  /// Marks as "only mine" what is counted once, and nothing else.
  private void mendMarks() throws IOException {
    image.order().flush();
    image.barrier().sync();
    new CopiedFlags(image.file(), header, image.refcounts(), new Findings(), true).run();
    image.reread();
  }
}
