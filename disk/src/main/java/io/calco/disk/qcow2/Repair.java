package io.calco.disk.qcow2;

import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.Optional;

/// Mends the metadata of an image that nobody else has open. Confined.
final class Repair {
  private static final long UNFIT =
      Qcow2Layout.INCOMPATIBLE_DIRTY | Qcow2Layout.INCOMPATIBLE_CORRUPT;

  private final HostFile file;
  private final Qcow2Header header;
  private final JobContext job;

  Repair(HostFile file, Qcow2Header header, JobContext job) {
    this.file = file;
    this.header = header;
    this.job = job;
  }

  VerifyReport run(RepairScope scope) throws IOException {
    Verification verification = new Verification(file, header, job);
    VerifyReport before = verification.run();
    VerifyReport after = before;
    if (!before.clean()) {
      mend(scope, verification.refcountsUsable());
      after = new Verification(file, header, job).run();
    }
    if (after.corruptions() == 0
        && after.checkErrors() == 0
        && (header.incompatible() & UNFIT) != 0) {
      file.sync();
      header.setIncompatible(header.incompatible() & ~UNFIT);
    }
    file.sync();
    return before.repaired(after);
  }

  private void mend(RepairScope scope, boolean refcountsUsable) throws IOException {
    Findings ignored = new Findings();
    Geometry geometry = header.geometry();
    boolean all = scope == RepairScope.ALL;
    ReferenceWalk walk = new ReferenceWalk(file, header, ignored, job, all);
    walk.run();
    if (ignored.checkErrors() > 0) {
      return;
    }
    if (all && !refcountsUsable) {
      new RefcountRebuild(file, header, walk.counts()).run();
    } else {
      PointerTable table = Verification.openTable(file, header, ignored);
      walk.countRefcounts(table);
      Refcounts refcounts = new Refcounts(file, geometry, table);
      new RefcountComparison(refcounts, walk.counts(), ignored, Optional.of(scope))
          .run(Math.max(geometry.clustersFor(file.size()), walk.counts().end()));
    }
    if (all) {
      PointerTable table = Verification.openTable(file, header, ignored);
      Refcounts refcounts = new Refcounts(file, geometry, table);
      new CopiedFlags(file, header, refcounts, ignored, true).run();
    }
  }
}
