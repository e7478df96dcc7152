package io.calco.fs.ntfs;

import java.io.IOException;

/// The operation moves names between blocks and must be written by itself: what was changed before
/// it goes to the disk first, then it is done again.
final class OwnCommitException extends IOException {
  private static final long serialVersionUID = 1L;

  OwnCommitException() {
    super("must be written by itself");
  }
}
