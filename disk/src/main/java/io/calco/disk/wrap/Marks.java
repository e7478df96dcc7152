package io.calco.disk.wrap;

import io.calco.disk.Closing;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The first bytes of wrapped files.
final class Marks {
  private Marks() {}

  /// Makes something of a file.
  interface Opening {
    HostFile open() throws IOException;
  }

  /// True when the file begins with these bytes.
  static boolean startsWith(HostFile file, int... expected) throws IOException {
    return at(file, 0, expected);
  }

  /// True when these bytes stand at `offset`.
  static boolean at(HostFile file, long offset, int... expected) throws IOException {
    byte[] found = new byte[expected.length];
    if (PackedInput.readUpTo(file, offset, MemorySegment.ofArray(found)) < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((found[i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /// What `opening` makes of `file`, which is closed when that fails.
  static HostFile owning(HostFile file, Opening opening) throws IOException {
    try {
      return opening.open();
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }
}
