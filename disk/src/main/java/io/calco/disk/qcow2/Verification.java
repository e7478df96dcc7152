package io.calco.disk.qcow2;

import io.calco.disk.DiskException;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.Optional;

/// Compares all metadata with the specification's rules, and counts as `qemu-img check` does.
/// Confined.
final class Verification {
  private final HostFile file;
  private final Qcow2Header header;
  private final JobContext job;
  private boolean refcountsUsable = true;

  Verification(HostFile file, Qcow2Header header, JobContext job) {
    this.file = file;
    this.header = header;
    this.job = job;
  }

  /// True when the refcounts can be mended in place, after [#run].
  boolean refcountsUsable() {
    return refcountsUsable;
  }

  VerifyReport run() throws IOException {
    Findings findings = new Findings();
    Geometry geometry = header.geometry();
    ReferenceWalk walk = new ReferenceWalk(file, header, findings, job, false);
    long highest = 0;
    try {
      Findings later = new Findings();
      PointerTable table = openTable(file, header, later);
      Refcounts refcounts = new Refcounts(file, geometry, table);
      boolean together = isSane(table);
      if (together) {
        walk.check(new CopiedFlags(file, header, refcounts, later, false));
      }
      walk.run();
      refcountsUsable = walk.countRefcounts(table) && table.count() > 0;
      RefcountComparison comparison =
          new RefcountComparison(refcounts, walk.counts(), findings, Optional.empty());
      comparison.run(Math.max(geometry.clustersFor(file.size()), walk.counts().end()));
      refcountsUsable &= comparison.usable();
      highest = comparison.highest();
      findings.addAll(later);
      if (!together) {
        new CopiedFlags(file, header, refcounts, findings, false).run();
      }
    } catch (LimitExceededException e) {
      throw e;
    } catch (DiskException e) {
      findings.checkError("%s", String.valueOf(e.getMessage()));
    }
    return report(findings, walk.allocation(), highest + 1);
  }

  /// True when every entry leads to a block, so that refcounts can be read before they are judged.
  private boolean isSane(PointerTable table) throws IOException {
    Geometry geometry = header.geometry();
    for (int i = 0; i < table.count(); i++) {
      long entry = table.get(i);
      if (entry < 0
          || geometry.inCluster(entry) != 0
          || entry > file.size() - geometry.clusterSize()) {
        return false;
      }
    }
    return table.count() > 0;
  }

  /// The refcount table; an empty one when there is none that could be read.
  static PointerTable openTable(HostFile file, Qcow2Header header, Findings findings)
      throws IOException {
    long offset = header.refcountTableOffset();
    int entries = header.refcountTableEntries();
    if (header.geometry().inCluster(offset) != 0
        || offset <= 0
        || offset > file.size() - 8L * entries) {
      findings.corruption("refcount table at 0x%x with %d entries is no table", offset, entries);
      return new PointerTable(file, 0, new long[0]);
    }
    return PointerTable.read(file, offset, entries);
  }

  private VerifyReport report(
      Findings findings, ReferenceWalk.Allocation allocation, long endCluster) {
    Geometry geometry = header.geometry();
    return new VerifyReport(
        findings.corruptions(),
        findings.leaks(),
        findings.checkErrors(),
        0,
        0,
        endCluster << geometry.clusterBits(),
        geometry.clustersFor(header.size()),
        allocation.allocated(),
        allocation.fragmented(),
        allocation.compressed(),
        findings.lines());
  }
}
