package io.calco.cli;

import io.calco.disk.Passphrase;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// A file that holds a passphrase, or standard input.
final class PassphraseFile {
  /// Ours; cryptsetup's is as large.
  private static final int LIMIT = 8 << 20;

  private PassphraseFile() {}

  /// The bytes of a file that is named, without one line end at their end.
  ///
  /// @param name the file's name, or `-` for standard input
  static Optional<Passphrase> read(Optional<String> name) throws IOException {
    return name.isPresent() ? Optional.of(readLine(name.get())) : Optional.empty();
  }

  /// The bytes of the file without one line end at their end.
  static Passphrase readLine(String name) throws IOException {
    byte[] bytes = bytes(name);
    boolean line = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    return wiping(line ? Arrays.copyOf(bytes, bytes.length - 1) : bytes.clone(), bytes);
  }

  /// All bytes of the file.
  static Passphrase readWhole(String name) throws IOException {
    byte[] bytes = bytes(name);
    return wiping(bytes, bytes);
  }

  private static byte[] bytes(String name) throws IOException {
    byte[] bytes;
    try (InputStream in = name.equals("-") ? System.in : Files.newInputStream(Path.of(name))) {
      bytes = in.readNBytes(LIMIT + 1);
    }
    if (bytes.length > LIMIT) {
      throw new OperationException(
          OperationException.Kind.USAGE, name + ": too long for a passphrase");
    }
    return bytes;
  }

  private static Passphrase wiping(byte[] kept, byte[] read) {
    Passphrase passphrase = Passphrase.of(kept);
    Arrays.fill(kept, (byte) 0);
    Arrays.fill(read, (byte) 0);
    return passphrase;
  }
}
