package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;

/// Removes all that is in `/tmp` and `/var/tmp`.
final class TmpFiles extends Operation {
  TmpFiles() {
    super("tmp-files", Default.ON, "Remove temporary files");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    draft.removeContents("/tmp");
    draft.removeContents("/var/tmp");
  }
}
