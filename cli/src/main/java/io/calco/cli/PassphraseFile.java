package io.calco.cli;

import io.calco.disk.Passphrase;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A file that holds a passphrase, or standard input.
final class PassphraseFile {
  /// Ours; cryptsetup's is as large.
  private static final int LIMIT = 8 << 20;

  private PassphraseFile() {}

  /// The file's bytes, without one line end at their end.
  ///
  /// @param name the file's name, or `-` for standard input
  static Passphrase read(String name) throws IOException {
    byte[] bytes;
    try (InputStream in = name.equals("-") ? System.in : Files.newInputStream(Path.of(name))) {
      bytes = in.readNBytes(LIMIT + 1);
    }
    if (bytes.length > LIMIT) {
      throw new OperationException(
          OperationException.Kind.USAGE, name + ": too long for a passphrase");
    }
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\n') {
      length--;
    }
    byte[] kept = Arrays.copyOf(bytes, length);
    Arrays.fill(bytes, (byte) 0);
    Passphrase passphrase = Passphrase.of(kept);
    Arrays.fill(kept, (byte) 0);
    return passphrase;
  }
}
