package io.calco.backup.clonezilla;

import io.calco.sys.FileNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// An image directory in the making: all its files lie in `NAME.part`, which gets the name when it
/// is whole. Each file is on the medium when it is closed, and its sum is known. Confined.
final class NewDirectory implements AutoCloseable {
  private static final String SUMS = "MD5SUMS";

  private final Path target;
  private final Path part;
  private final Map<String, String> sums = new TreeMap<>();
  private boolean published;

  private NewDirectory(Path target, Path part) {
    this.target = target;
    this.part = part;
  }

  /// Begins a directory.
  ///
  /// @throws FileAlreadyExistsException when it, or its part, is there
  static NewDirectory begin(Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path whole = target.toAbsolutePath().normalize();
    Path part = whole.resolveSibling(whole.getFileName() + ".part");
    try {
      Files.createDirectory(part);
    } catch (FileAlreadyExistsException e) {
      FileSystemException shown =
          new FileSystemException(
              part.toString(),
              null,
              "is there: another is being saved, or one was cut off; delete the directory if so");
      shown.initCause(e);
      throw shown;
    }
    return new NewDirectory(target, part);
  }

  /// Writes a small file.
  void write(String name, byte[] bytes) throws IOException {
    try (Member file = member(name)) {
      file.write(ByteBuffer.wrap(bytes));
    }
  }

  /// Writes a text.
  void write(String name, String text) throws IOException {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /// A file that is written from front to end.
  Member member(String name) throws IOException {
    return new Member(name);
  }

  /// A file that is written. Confined.
  final class Member implements WritableByteChannel {
    private final String name;
    private final FileChannel file;
    private final MessageDigest digest;

    private Member(String name) throws IOException {
      this.name = name;
      try {
        this.digest = MessageDigest.getInstance("MD5");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has MD5", e);
      }
      this.file =
          FileChannel.open(
              part.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      digest.update(bytes.duplicate());
      int count = bytes.remaining();
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      return count;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      if (file.isOpen()) {
        try (file) {
          file.force(true);
        }
        sums.put(name, HexFormat.of().formatHex(digest.digest()));
      }
    }
  }

  /// Adds the list of sums, and gives the directory its name, on the medium.
  void publish() throws IOException {
    StringBuilder text = new StringBuilder();
    sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
    write(SUMS, text.toString());
    FileNames.sync(part);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    published = true;
    FileNames.sync(target.toAbsolutePath().resolveSibling(""));
  }

  /// Deletes what was not published.
  @Override
  public void close() throws IOException {
    if (published) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(part)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(part);
  }
}
