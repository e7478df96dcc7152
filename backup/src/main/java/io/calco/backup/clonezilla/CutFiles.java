package io.calco.backup.clonezilla;

import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/// A stream in one file, or cut into several as split(1) cuts and names them. Confined.
final class CutFiles implements WritableByteChannel {
  private static final int LETTERS = 26;
  private static final int SUFFIX_MAX = 4; // as many as are read

  private final NewDirectory directory;
  private final String stem;
  private final long most;
  private String suffix;
  private NewDirectory.@Nullable Member current;
  private boolean closed;

  /// @param stem the file's name, to which suffixes are added where it is cut
  /// @param most bytes in a file; 0 for no limit
  /// @param expected bytes that may come, to choose how long suffixes are
  /// @throws UnsupportedFeatureException when that would be too many files
  CutFiles(NewDirectory directory, String stem, long most, long expected)
      throws UnsupportedFeatureException {
    this.directory = directory;
    this.stem = stem;
    this.most = most;
    this.suffix = most == 0 ? "" : "a".repeat(suffixLength(stem, Math.ceilDiv(expected, most)));
  }

  /// Two letters, as Clonezilla has them, unless that is too few.
  private static int suffixLength(String stem, long files) throws UnsupportedFeatureException {
    int length = 2;
    for (long names = LETTERS * LETTERS; names < files; names *= LETTERS) {
      if (++length > SUFFIX_MAX) {
        throw new UnsupportedFeatureException(
            "%s: would be cut into %d files; choose larger pieces".formatted(stem, files));
      }
    }
    return length;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      NewDirectory.Member file = current();
      int length =
          most == 0 ? bytes.remaining() : (int) Math.min(bytes.remaining(), most - file.length());
      file.write(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
      if (most > 0 && file.length() == most) {
        file.close();
        current = null;
      }
    }
    return count;
  }

  private NewDirectory.Member current() throws IOException {
    NewDirectory.Member file = current;
    if (file == null) {
      file = directory.member(most == 0 ? stem : stem + "." + suffix);
      suffix = most == 0 ? suffix : SavedStream.next(suffix);
      current = file;
    }
    return file;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    NewDirectory.Member file = current;
    if (file != null) {
      current = null;
      file.close();
    }
  }
}
