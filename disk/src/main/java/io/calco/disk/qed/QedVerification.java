package io.calco.disk.qed;

import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.TableSlices;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.BitSet;

/// Compares both levels of tables with the specification's rules, and counts as `qemu-img check`
/// does.
final class QedVerification {
  /// Ours: 2^28 clusters are 1 TiB in clusters of 4 KiB, and 32 MiB of memory.
  private static final long CLUSTERS_MAX = 1L << 28;

  private final HostFile file;
  private final QedHeader header;
  private final TableSlices tables;
  private final JobContext job;
  private final Findings findings = new Findings();
  private final BitSet used = new BitSet();

  QedVerification(HostFile file, QedHeader header, TableSlices tables, JobContext job) {
    this.file = file;
    this.header = header;
    this.tables = tables;
    this.job = job;
  }

  VerifyReport run() throws IOException {
    long clusters = header.fileSize() / header.clusterSize();
    if (clusters > CLUSTERS_MAX) {
      throw new LimitExceededException(
          "%s: a file of %d clusters; at most %d are verified (our limit)"
              .formatted(file.name(), clusters, CLUSTERS_MAX));
    }
    use(header.l1Offset(), header.tableClusters(), "L1 table");
    int entries = header.tableEntries();
    for (int i = 0; i < entries; i++) {
      job.checkCancelled();
      long table = tables.word(header.l1Offset(), entries, i);
      if (table == 0) {
        continue;
      }
      if (!header.isTable(table)) {
        findings.corruption("L1 entry %d: no table can lie at 0x%x", i, table);
      } else if (use(table, header.tableClusters(), "L2 table")) {
        walk(table);
      }
      job.progress("verifying", i + 1L, entries);
    }
    findLeaks(Math.toIntExact(clusters));
    long total = header.size() / header.clusterSize();
    return findings.report(0, header.size() % header.clusterSize() == 0 ? total : total + 1);
  }

  private void walk(long table) throws IOException {
    int entries = header.tableEntries();
    long last = 0;
    for (int first = 0; first < entries; first += TableSlices.WORDS) {
      long[] slice = tables.slice(table, entries, first);
      for (int i = 0; i < slice.length; i++) {
        long entry = slice[i];
        if (entry == 0 || entry == QedImage.ZERO_CLUSTER) {
          continue;
        }
        findings.allocated(1);
        if (last != 0 && last + header.clusterSize() != entry) {
          findings.fragmented();
        }
        last = entry;
        if (!header.isCluster(entry)) {
          findings.corruption(
              "L2 table at 0x%x, entry %d: no cluster can lie at 0x%x", table, first + i, entry);
        } else {
          use(entry, 1, "cluster");
        }
      }
    }
  }

  /// Marks clusters as used; false when one of them was already.
  private boolean use(long offset, int count, String what) {
    int first = Math.toIntExact(offset / header.clusterSize());
    boolean fresh = true;
    for (int i = first; i < first + count; i++) {
      if (used.get(i)) {
        findings.corruption("%s at 0x%x: is used twice", what, (long) i * header.clusterSize());
        fresh = false;
      }
      used.set(i);
    }
    return fresh;
  }

  private void findLeaks(int clusters) {
    int first = Math.toIntExact(Math.min(header.headerBytes() / header.clusterSize(), clusters));
    for (int at = used.nextClearBit(first); at < clusters; ) {
      int end = Math.min(clusters, nextUsed(at, clusters));
      findings.leaks(
          end - at,
          "%d clusters at 0x%x: nothing uses them",
          end - at,
          (long) at * header.clusterSize());
      at = used.nextClearBit(end);
    }
  }

  private int nextUsed(int from, int clusters) {
    int next = used.nextSetBit(from);
    return next < 0 ? clusters : next;
  }
}
