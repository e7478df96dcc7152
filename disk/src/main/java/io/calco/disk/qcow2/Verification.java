package io.calco.disk.qcow2;

import io.calco.disk.*;
import java.io.IOException;

final class Verification {
  Verification(HostFile file, Qcow2Header header, JobContext job) {}

  VerifyReport run() throws IOException {
    throw new UnsupportedFeatureException("verify");
  }
}
