package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;

/// Removes old records of process accounting and empties the one in use.
final class PacctLog extends Operation {
  PacctLog() {
    super("pacct-log", Default.ON, "Remove the records of process accounting");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String directory : List.of("/var/account", "/var/log/account")) {
      for (String path : draft.glob(directory + "/pacct*")) {
        if (path.endsWith("/pacct")) {
          draft.empty(path);
        } else if (!draft.isDirectory(path)) {
          draft.remove(path);
        }
      }
    }
  }
}
