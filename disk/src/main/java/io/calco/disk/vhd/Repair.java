package io.calco.disk.vhd;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import java.io.IOException;

/// Mends what says where things are: footers, the header's checksum, the end of the file. Blocks
/// that lie over each other or outside the file stay as they are: nobody knows whose data it was.
/// Confined.
final class Repair {
  private final HostFile file;
  private final JobContext job;

  Repair(HostFile file, JobContext job) {
    this.file = file;
    this.job = job;
  }

  VerifyReport run(RepairScope scope) throws IOException {
    VerifyReport before = new Verification(file, job).run();
    VerifyReport after = before;
    if (!before.clean()) {
      if (scope == RepairScope.ALL) {
        mendChecksums();
      }
      if (new Verification(file, job).run().corruptions() == 0) {
        mendEnd();
      }
      file.sync();
      after = new Verification(file, job).run();
    }
    return before.repaired(after);
  }

  private void mendChecksums() throws IOException {
    Footers footers = Footers.read(file, true);
    VhdFooter footer = footers.footer().mended();
    if (!footers.footer().isSound() || !footers.headSound()) {
      long at = footer.isSparse() ? 0 : footers.dataEnd();
      file.write(at, footer.bytes());
    }
    if (footer.isSparse()) {
      DynamicHeader header = DynamicHeader.read(file, footer, true);
      if (!header.hasRightChecksum()) {
        file.write(header.offset(), header.mended().bytes());
      }
    }
  }

  /// A dynamic disk's end, as every writer mends it.
  private void mendEnd() throws IOException {
    Footers footers = Footers.read(file, false);
    if (footers.footer().isSparse()) {
      DynamicHeader header = DynamicHeader.read(file, footers.footer(), false);
      SparseMap map = new SparseMap(file, footers.footer(), header, true);
      new SparseEditor(file, map, footers, header).finish();
    }
  }
}
