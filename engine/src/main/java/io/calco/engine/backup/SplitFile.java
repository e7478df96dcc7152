package io.calco.engine.backup;

import io.calco.disk.BesideFile;
import io.calco.disk.Closing;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One file in parts of at most some size, `web1.img.aa`, `web1.img.ab` and so on, as `split` makes
/// them and `cat` joins them; Calco opens the first as the whole. They get their names when all are
/// complete; what was not published is deleted on close. Confined.
final class SplitFile implements WritableByteChannel {
  private static final int LETTERS = 26;

  private final Path target;
  private final long partSize;
  private final List<Path> names = new ArrayList<>();
  private final List<BesideFile> parts = new ArrayList<>();
  private @Nullable FileChannel open;
  private long left;

  /// @param target what the whole would be called
  /// @param partSize in bytes, 1 or more
  SplitFile(Path target, long partSize) {
    this.target = target;
    this.partSize = partSize;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int count = source.remaining();
    while (source.hasRemaining()) {
      FileChannel part = open;
      if (part == null || left == 0) {
        part = next();
      }
      ByteBuffer some = source.slice();
      some.limit(Math.toIntExact(Math.min(some.remaining(), left)));
      int written = part.write(some);
      source.position(source.position() + written);
      left -= written;
    }
    return count;
  }

  private FileChannel next() throws IOException {
    closePart();
    int number = parts.size();
    if (number == LETTERS * LETTERS) {
      throw new OperationException(
          Kind.USAGE,
          "%s: more than %d parts of %d bytes".formatted(target, number, partSize),
          "make them larger: --split");
    }
    String suffix = ".%c%c".formatted('a' + number / LETTERS, 'a' + number % LETTERS);
    Path name = target.resolveSibling(target.getFileName() + suffix);
    if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
      throw new OperationException(Kind.REFUSED, name + ": is there already");
    }
    BesideFile part = BesideFile.of(name);
    names.add(name);
    parts.add(part);
    FileChannel channel =
        FileChannel.open(part.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    open = channel;
    left = partSize;
    return channel;
  }

  private void closePart() throws IOException {
    FileChannel part = open;
    open = null;
    if (part != null) {
      part.close();
    }
  }

  /// Gives all parts their names.
  ///
  /// @return them, in order
  List<Path> publish() throws IOException {
    closePart();
    BesideFile.publishAll(parts.reversed()); // the first, which stands for all, last
    return List.copyOf(names);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() throws IOException {
    try {
      closePart();
    } finally {
      Closing.all(parts);
    }
  }
}
