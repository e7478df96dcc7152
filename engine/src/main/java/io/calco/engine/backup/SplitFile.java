package io.calco.engine.backup;

import io.calco.disk.BesideFile;
import io.calco.disk.Closing;
import io.calco.disk.CutChannel;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// One file in parts of at most some size, `web1.img.aa`, `web1.img.ab` and so on, as `split` makes
/// them and `cat` joins them; Calco opens the first as the whole. They get their names when all are
/// complete; what was not published is deleted on close. Confined.
final class SplitFile implements AutoCloseable {
  private static final int LETTERS = 2;
  private static final int PARTS_MAX = 26 * 26;

  private final Path target;
  private final long partSize;
  private final List<Path> names = new ArrayList<>();
  private final List<BesideFile> parts = new ArrayList<>();
  private final CutChannel channel;

  /// @param target what the whole would be called
  /// @param partSize in bytes, 1 or more
  SplitFile(Path target, long partSize) {
    this.target = target;
    this.partSize = partSize;
    this.channel = new CutChannel(partSize, this::open);
  }

  /// Takes the bytes.
  WritableByteChannel channel() {
    return channel;
  }

  private FileChannel open(int number) throws IOException {
    if (number == PARTS_MAX) {
      throw new OperationException(
          Kind.USAGE,
          "%s: more than %d parts of %d bytes".formatted(target, number, partSize),
          "make them larger: --split");
    }
    String suffix = CutChannel.suffix(number, LETTERS);
    Path name = target.resolveSibling(target.getFileName() + "." + suffix);
    if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
      throw new OperationException(Kind.REFUSED, name + ": is there already");
    }
    BesideFile part = BesideFile.of(name);
    names.add(name);
    parts.add(part);
    return FileChannel.open(part.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /// Gives all parts their names.
  ///
  /// @return them, in order
  List<Path> publish() throws IOException {
    channel.close();
    BesideFile.publishAll(parts.reversed()); // the first, which stands for all, last
    return List.copyOf(names);
  }

  @Override
  public void close() throws IOException {
    List<AutoCloseable> all = new ArrayList<>(List.of(channel));
    all.addAll(parts);
    Closing.all(all);
  }
}
