package io.calco.guest.operation;

import io.calco.fs.FileType;
import io.calco.guest.Draft;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Empties every log that is left in `/var/log`, and removes those that were put aside: a service
/// may need its log file to be there, nobody needs an old one.
final class OtherLogs extends Operation {
  private static final Pattern ASIDE =
      Pattern.compile(".*(\\.(gz|xz|zst|bz2|old|[0-9]+)|-[0-9]{8}|\\.journal~?)");

  OtherLogs() {
    super("other-logs", Default.ON, "Empty all other logs; remove those that were put aside");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    List<String> found = new ArrayList<>();
    draft
        .tree()
        .walk(
            "/var/log",
            (path, entry) -> {
              if (entry.type() == FileType.REGULAR && !entry.name().startsWith("README")) {
                found.add(path);
              }
            });
    for (String path : found) {
      if (ASIDE.matcher(path).matches()) {
        draft.remove(path);
      } else {
        draft.empty(path);
      }
    }
  }
}
