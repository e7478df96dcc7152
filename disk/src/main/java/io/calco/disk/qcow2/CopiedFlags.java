package io.calco.disk.qcow2;

import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import java.io.IOException;

/// Checks, and mends where asked, that the entries of the active tables say "only mine" exactly of
/// clusters whose refcount is one. Confined.
final class CopiedFlags {
  private final HostFile file;
  private final Qcow2Header header;
  private final Geometry geometry;
  private final Refcounts refcounts;
  private final Findings findings;
  private final boolean mends;

  /// The refcounts of one block, and the first cluster they are for.
  private long[] known = new long[0];

  private long knownFrom;

  CopiedFlags(
      HostFile file, Qcow2Header header, Refcounts refcounts, Findings findings, boolean mends) {
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.refcounts = refcounts;
    this.findings = findings;
    this.mends = mends;
  }

  void run() throws IOException {
    PointerTable l1 = PointerTable.read(file, header.l1Offset(), header.l1Entries());
    for (int i = 0; i < l1.count(); i++) {
      long table = L2Entry.hostOffset(l1.get(i));
      if (table == 0) {
        continue;
      }
      long right = correctedL1(i, l1.get(i));
      if (right != l1.get(i)) {
        l1.set(i, right);
      }
      if (geometry.inCluster(table) == 0 && isInFile(table)) {
        runTable(table);
      }
    }
    if (mends) {
      l1.writeChanges();
    }
  }

  private boolean isInFile(long table) throws IOException {
    return table <= file.size() - geometry.clusterSize();
  }

  private void runTable(long table) throws IOException {
    long[] words = PointerTable.readEntries(file, table, geometry.clusterSize() / 8);
    boolean changed = false;
    for (int i = 0; i < words.length; i += geometry.entryWords()) {
      if (!L2Entry.compressed(words[i])
          && L2Entry.hostOffset(words[i]) != 0
          && !header.hasDataFile()) {
        long right = corrected(words[i], -1);
        changed |= right != words[i];
        words[i] = right;
      }
    }
    if (changed && mends) {
      PointerTable.writeEntries(file, table, words, 0, words.length);
    }
  }

  /// Checks an L1 entry that is not zero, as [#run] does.
  void checkL1(int index, long entry) {
    correctedL1(index, entry);
  }

  /// True when the mark of an entry surely agrees with its cluster's refcount.
  boolean isRight(long word, long cluster) {
    long at = cluster - knownFrom;
    if (at < 0 || at >= known.length) {
      try {
        if (!refcounts.isCovered(cluster)) {
          return false;
        }
        knownFrom = refcounts.blockStart(cluster);
        known = refcounts.counts(knownFrom, (int) (refcounts.blockEnd(cluster) - knownFrom));
      } catch (IOException e) {
        known = new long[0];
        return false;
      }
      at = cluster - knownFrom;
    }
    return known[(int) at] == 1 == L2Entry.copied(word);
  }

  /// Checks the first word of an L2 entry, as [#run] does.
  void checkData(long word) {
    if (!L2Entry.compressed(word) && L2Entry.hostOffset(word) != 0 && !header.hasDataFile()) {
      corrected(word, -1);
    }
  }

  private long correctedL1(int index, long entry) {
    return L2Entry.hostOffset(entry) == 0 ? entry : corrected(entry, index);
  }

  /// The entry with the flag that its cluster's refcount asks for.
  ///
  /// @param l1Index where an L1 entry stands, or -1
  private long corrected(long entry, int l1Index) {
    long refcount;
    try {
      refcount = refcounts.get(geometry.clusterOf(L2Entry.hostOffset(entry)));
    } catch (IOException e) {
      return entry;
    }
    if (refcount == 1 == L2Entry.copied(entry)) {
      return entry;
    }
    String what = l1Index < 0 ? "data cluster: " : "L2 cluster: l1_index=%d ".formatted(l1Index);
    findings.corruption("OFLAG_COPIED %sentry=%x refcount=%d", what, entry, refcount);
    return entry ^ L2Entry.COPIED;
  }
}
