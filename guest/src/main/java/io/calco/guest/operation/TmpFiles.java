package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;

/// Removes all that is in `/tmp` and `/var/tmp`.
final class TmpFiles extends Operation {
  TmpFiles() {
    super("tmp-files", Default.ON, "Remove temporary files");
  }

  /// A link that does not lead to a directory for everyone's temporary files is not followed.
  private static boolean isSticky(Draft draft, String directory) throws IOException {
    return draft
        .attributes(directory)
        .map(attributes -> (attributes.permissions() & 01000) != 0)
        .orElse(false);
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String place : List.of("/tmp", "/var/tmp")) {
      if (draft.readLink(place).isEmpty() || isSticky(draft, place)) {
        draft.removeContents(place);
      }
    }
  }
}
