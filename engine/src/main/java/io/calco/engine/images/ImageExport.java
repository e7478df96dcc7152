package io.calco.engine.images;

import io.calco.disk.BesideFile;
import io.calco.disk.Closing;
import io.calco.disk.Disk;
import io.calco.disk.FileSlice;
import io.calco.disk.FileStream;
import io.calco.disk.HostFile;
import io.calco.disk.ImageIdentity;
import io.calco.disk.JobContext;
import io.calco.disk.ReadOnlyFile;
import io.calco.disk.wrap.Compression;
import io.calco.engine.DiskLayOut;
import io.calco.engine.OperationException;
import io.calco.sys.Cryptography;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;

/// An image as a file of some format, open to be sent.
///
/// Thread rule: safe for several threads; [#close] excludes other calls.
public final class ImageExport implements AutoCloseable {
  /// Changes when the same disk is laid out in other bytes than by the program before.
  private static final int LAYOUT = 1;

  private static final int PIECE = 1 << 20;
  private static final int NAME_MAX = 100;

  private final Source source;
  private final ExportFormat how;
  private final HostFile file;
  private final long size;
  private final List<? extends AutoCloseable> open;

  /// What is sent.
  ///
  /// @param name of the file, without its ending: letters, digits, `.`, `_` and `-` of ASCII
  /// @param format that it has without being made another
  /// @param identity differs for different content
  record Source(String name, String format, String identity) {}

  /// @param open what is closed with this, in order
  ImageExport(Source source, ExportFormat how, HostFile file, List<? extends AutoCloseable> open)
      throws IOException {
    this.source = source;
    this.how = how;
    this.file = file;
    this.open = List.copyOf(open);
    this.size = file.size();
  }

  /// A disk as a file of some format.
  ///
  /// @param disk is closed with the result, and also when this fails
  /// @param name what people call it; any text
  /// @param identity tells its content from all other
  /// @param created when it was made
  /// @param how names a format
  /// @throws io.calco.disk.UnsupportedFeatureException when it cannot be made this format
  public static ImageExport ofDiskOwning(
      Disk disk, String name, UUID identity, Instant created, ExportFormat how, JobContext job)
      throws IOException {
    String format = how.format().orElseThrow();
    Source source = new Source(plainName(name, identity.toString()), format, identity.toString());
    return layOutOwning(
        disk, List.of(disk), source, new ImageIdentity(identity, created), how, job);
  }

  /// @param open what is closed after the file, and also when this fails
  static ImageExport layOutOwning(
      Disk disk,
      List<? extends AutoCloseable> open,
      Source source,
      ImageIdentity identity,
      ExportFormat how,
      JobContext job)
      throws IOException {
    List<AutoCloseable> all = new ArrayList<>(open);
    try {
      DiskLayOut layout =
          new DiskLayOut(
              ExportFormat.ours(how.format().orElseThrow()),
              how.options(),
              source.name(),
              identity);
      HostFile file = layout.of(disk, job);
      all.addFirst(file);
      return new ImageExport(source, how, file, all);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, all);
      throw e;
    }
  }

  /// How long the file is, in bytes; empty when it is compressed on its way, and so can only be
  /// sent whole.
  public OptionalLong size() {
    return how.compression().isPresent() ? OptionalLong.empty() : OptionalLong.of(size);
  }

  /// What to call the file: letters, digits, `.`, `_` and `-` of ASCII.
  public String fileName() {
    String ending = how.ending(source.format());
    String name = source.name();
    return name.endsWith(ending) ? name : name + ending;
  }

  /// A name as a file can be called on any system; the id where nothing of it is left.
  static String plainName(String name, String id) {
    String kept = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[-.]+", "");
    String plain = kept.isEmpty() ? id : kept;
    return plain.substring(0, Math.min(plain.length(), NAME_MAX));
  }

  /// Tells this file's bytes from all others': two files of one tag are the same, byte for byte.
  /// What is packed on its way may be packed otherwise by another version of Java.
  public String tag() {
    String what = "%s %s %d %s".formatted(source.identity(), how, LAYOUT, Runtime.version());
    return HexFormat.of()
        .formatHex(Cryptography.sha256().digest(what.getBytes(StandardCharsets.UTF_8)), 0, 16);
  }

  /// The whole file from its first byte; stays open when the stream is closed.
  ///
  /// @throws IllegalStateException when the file is compressed on its way
  public InputStream stream() throws IOException {
    if (how.compression().isPresent()) {
      throw new IllegalStateException("what is compressed on its way is sent, not read");
    }
    return new ContentStream(file);
  }

  /// Sends the whole file.
  public void send(WritableByteChannel target, JobContext job) throws IOException {
    if (how.compression().isPresent()) {
      Compression compression = how.compression().get();
      FileStream.copy(file, compression.coder(), target, job);
    } else {
      FileStream.copy(file, target, job);
    }
  }

  /// Sends a part of the file.
  ///
  /// @param offset its first byte
  /// @param length in bytes; the part lies in the file
  /// @throws IllegalStateException when the file is compressed on its way
  public void send(WritableByteChannel target, long offset, long length, JobContext job)
      throws IOException {
    if (how.compression().isPresent()) {
      throw new IllegalStateException("what is compressed on its way is sent whole");
    }
    Objects.checkFromIndexSize(offset, length, size);
    FileStream.copy(FileSlice.owning(file.name(), unclosed(file), offset, length), target, job);
  }

  private static HostFile unclosed(HostFile file) {
    return new ReadOnlyFile(file.name()) {
      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public void read(long offset, MemorySegment dst) throws IOException {
        file.read(offset, dst);
      }

      @Override
      public void close() {}
    };
  }

  /// Writes the whole file to the beginning of an empty one; runs of zeroes that are known become
  /// holes.
  public void writeTo(FileChannel target, JobContext job) throws IOException {
    if (how.compression().isPresent()) {
      send(target, job);
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    for (long at = file.nextData(0); at < size; at = file.nextData(at)) {
      long end = Math.min(file.nextHole(at), size);
      while (at < end) {
        job.checkCancelled();
        job.progress("exporting", at, size);
        int length = (int) Math.min(PIECE, end - at);
        buffer.clear().limit(length);
        file.read(at, MemorySegment.ofBuffer(buffer));
        for (long to = at; buffer.hasRemaining(); ) {
          to += target.write(buffer, to);
        }
        at += length;
      }
    }
    if (target.size() < size) {
      target.write(ByteBuffer.allocate(1), size - 1);
    }
  }

  /// Writes the whole file where it appears, or is replaced, when it is complete.
  ///
  /// @param target a file, or a directory in which it gets its own name
  /// @return the file
  /// @throws OperationException REFUSED when something other than a plain file would be replaced
  public Path save(Path target, JobContext job) throws IOException {
    Path place = Files.isDirectory(target) ? target.resolve(fileName()) : target;
    if (Files.exists(place) && !Files.isRegularFile(place)) {
      throw new OperationException(
          OperationException.Kind.REFUSED,
          place + ": is not a plain file, and would be replaced by one");
    }
    Path real = Files.exists(place) ? place.toRealPath() : place.toAbsolutePath();
    BesideFile.sweep(real.resolveSibling(""));
    try (BesideFile part = BesideFile.of(real)) {
      try (FileChannel out =
          FileChannel.open(part.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        writeTo(out, job);
      }
      part.publishReplacing(BesideFile.Durability.LEFT_TO_THE_SYSTEM);
    }
    return place;
  }

  @Override
  public void close() throws IOException {
    Closing.all(open);
  }
}
