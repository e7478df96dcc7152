package io.calco.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/// A stream that is cut into parts of at most some size, as split(1) cuts and names them. Confined.
public final class CutChannel implements WritableByteChannel {
  private static final int LETTERS = 26;

  private final long most;
  private final Opener opener;
  private @Nullable WritableByteChannel part;
  private long left;
  private int number;
  private boolean closed;

  /// Opens parts.
  @FunctionalInterface
  public interface Opener {
    /// Opens the part of this number, the first of which is 0; it is closed before the next is
    /// opened.
    WritableByteChannel open(int number) throws IOException;
  }

  /// @param most bytes in a part, 1 or more
  public CutChannel(long most, Opener opener) {
    this.most = most;
    this.opener = opener;
  }

  /// What split(1) calls a part: `aa`, `ab`, …, `az`, `ba` and so on.
  ///
  /// @param letters in a name; there are 26 to the power of it
  public static String suffix(int number, int letters) {
    char[] suffix = new char[letters];
    int rest = number;
    for (int i = letters - 1; i >= 0; i--) {
      suffix[i] = (char) ('a' + rest % LETTERS);
      rest /= LETTERS;
    }
    return new String(suffix);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      WritableByteChannel to = part;
      if (to == null) {
        to = opener.open(number++);
        part = to;
        left = most;
      }
      ByteBuffer some = bytes.slice(bytes.position(), (int) Math.min(bytes.remaining(), left));
      int written = to.write(some);
      bytes.position(bytes.position() + written);
      left -= written;
      if (left == 0) {
        closePart();
      }
    }
    return count;
  }

  private void closePart() throws IOException {
    WritableByteChannel open = part;
    part = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /// Closes the last part.
  @Override
  public void close() throws IOException {
    closed = true;
    closePart();
  }
}
