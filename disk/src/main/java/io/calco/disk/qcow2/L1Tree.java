package io.calco.disk.qcow2;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/// All that an L1 table refers to: its L2 tables, and their clusters. Read from the file, so
/// nothing may wait in memory. Confined.
final class L1Tree {
  private final HostFile file;
  private final Geometry geometry;
  private final long[] l1;

  /// @param l1 the entries
  L1Tree(HostFile file, Geometry geometry, long[] l1) {
    this.file = file;
    this.geometry = geometry;
    this.l1 = l1;
  }

  /// Entries in the L1 table.
  int entries() {
    return l1.length;
  }

  /// Takes host clusters, once for each reference.
  interface Sink {
    /// A run of clusters with one reference more.
    void accept(long first, long count) throws IOException;
  }

  /// Walks all references.
  ///
  /// @throws CorruptImageException when one leads nowhere sensible
  void walk(Sink sink) throws IOException {
    checkCount();
    for (long entry : l1) {
      long table = tableOf(entry);
      if (table != 0) {
        sink.accept(geometry.clusterOf(table), 1);
        walkTable(table, sink);
      }
    }
  }

  /// No table is referred to twice: what is done for each is bounded by the file's length.
  private void checkCount() throws IOException {
    long tables = Arrays.stream(l1).filter(entry -> L2Entry.hostOffset(entry) != 0).count();
    if (tables > geometry.clustersFor(file.size())) {
      throw new CorruptImageException(
          "%s: an L1 table names %d L2 tables, more than the file has clusters"
              .formatted(file.name(), tables));
    }
  }

  private long tableOf(long entry) throws IOException {
    long table = L2Entry.hostOffset(entry);
    if (geometry.inCluster(table) != 0 || table > 0 && table < geometry.clusterSize()) {
      throw new CorruptImageException(
          "%s: L1 entry 0x%x: found no offset of a cluster".formatted(file.name(), entry));
    }
    return table;
  }

  private long[] read(long table) throws IOException {
    try {
      return PointerTable.readEntries(file, table, geometry.clusterSize() / 8);
    } catch (EOFException e) {
      throw CorruptImageException.at(
          file.name(), "L2 table", table, "the end of the file", "a whole table");
    }
  }

  private void walkTable(long table, Sink sink) throws IOException {
    long[] words = read(table);
    long first = 0;
    long count = 0;
    for (int i = 0; i < words.length; i += geometry.entryWords()) {
      long word = words[i];
      long from;
      long more;
      if (L2Entry.compressed(word)) {
        long start = L2Entry.compressedOffset(word, geometry);
        long last = start + L2Entry.compressedLength(word, geometry) - 1;
        from = geometry.clusterOf(start);
        more = geometry.clusterOf(last) - from + 1;
      } else if (L2Entry.hostOffset(word) != 0) {
        if (geometry.inCluster(L2Entry.hostOffset(word)) != 0) {
          throw CorruptImageException.at(
              file.name(), "L2 entry", table + 8L * i, Long.toHexString(word), "a cluster");
        }
        from = geometry.clusterOf(L2Entry.hostOffset(word));
        more = 1;
      } else {
        continue;
      }
      if (count > 0 && from == first + count) {
        count += more;
      } else {
        if (count > 0) {
          sink.accept(first, count);
        }
        first = from;
        count = more;
      }
    }
    if (count > 0) {
      sink.accept(first, count);
    }
  }

  /// Takes the mark "only mine" off all L2 entries, in the file.
  void markShared() throws IOException {
    checkCount();
    for (long entry : l1) {
      long table = tableOf(entry);
      if (table == 0) {
        continue;
      }
      long[] words = read(table);
      boolean changed = false;
      for (int i = 0; i < words.length; i += geometry.entryWords()) {
        if (!L2Entry.compressed(words[i]) && L2Entry.copied(words[i])) {
          words[i] &= ~L2Entry.COPIED;
          changed = true;
        }
      }
      if (changed) {
        PointerTable.writeEntries(file, table, words, 0, words.length);
      }
    }
  }

  /// The entries without the mark "only mine".
  long[] sharedEntries() {
    long[] shared = l1.clone();
    for (int i = 0; i < shared.length; i++) {
      shared[i] &= ~L2Entry.COPIED;
    }
    return shared;
  }
}
