package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;

/// Removes users' `cron` and `at` jobs; the counter of `at` starts again.
final class CronSpool extends Operation {
  private static final List<String> SPOOLS =
      List.of("/var/spool/cron", "/var/spool/at", "/var/spool/atjobs", "/var/spool/atspool");
  private static final List<String> COUNTERS =
      List.of("/var/spool/cron/atjobs/.SEQ", "/var/spool/atjobs/.SEQ", "/var/spool/at/.SEQ");

  CronSpool() {
    super("cron-spool", Default.ON, "Remove users' cron and at jobs");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String spool : SPOOLS) {
      draft.removeFilesBelow(spool, path -> path.endsWith("/.SEQ"));
    }
    for (String counter : COUNTERS) {
      draft.edit(counter, _ -> "00000\n");
    }
  }
}
