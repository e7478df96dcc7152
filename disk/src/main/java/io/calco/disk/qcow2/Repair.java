package io.calco.disk.qcow2;

import io.calco.disk.*;
import java.io.IOException;

final class Repair {
  Repair(HostFile file, Qcow2Header header, JobContext job) {}

  VerifyReport run(RepairScope scope) throws IOException {
    throw new UnsupportedFeatureException("repair");
  }
}
