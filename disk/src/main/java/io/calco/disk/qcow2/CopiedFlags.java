package io.calco.disk.qcow2;

import io.calco.disk.DiskException;
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
      long right = corrected("L2 cluster: l1_index=%d ".formatted(i), l1.get(i));
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
      if (!L2Entry.compressed(words[i]) && L2Entry.hostOffset(words[i]) != 0) {
        long right = corrected("data cluster: ", words[i]);
        changed |= right != words[i];
        words[i] = right;
      }
    }
    if (changed && mends) {
      PointerTable.writeEntries(file, table, words, 0, words.length);
    }
  }

  /// The entry with the flag that its cluster's refcount asks for.
  private long corrected(String what, long entry) throws IOException {
    long refcount;
    try {
      refcount = refcounts.get(geometry.clusterOf(L2Entry.hostOffset(entry)));
    } catch (DiskException e) {
      return entry;
    }
    if (refcount == 1 == L2Entry.copied(entry)) {
      return entry;
    }
    findings.corruption("OFLAG_COPIED %sentry=%x refcount=%d", what, entry, refcount);
    return entry ^ L2Entry.COPIED;
  }
}
