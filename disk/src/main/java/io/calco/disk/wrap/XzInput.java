package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.EOFException;
import java.io.IOException;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.SeekableInputStream;
import org.tukaani.xz.SeekableXZInputStream;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZIOException;

/// A host file as the xz library reads it. Thread rule: confined. Closing it leaves the file open.
final class XzInput extends SeekableInputStream {
  /// Of the dictionary and the index, in KiB (ours): `xz -9` needs 65 MiB.
  static final int MEMORY_KIB = 128 << 10;

  private final PackedInput packed;

  XzInput(HostFile file) {
    this.packed = new PackedInput(file, 0);
  }

  /// The blocks of an xz file, by its index.
  static SeekableXZInputStream blocks(HostFile file) throws IOException {
    try {
      return new SeekableXZInputStream(new XzInput(file), MEMORY_KIB);
    } catch (XZIOException | EOFException e) {
      throw told(file, e);
    }
  }

  /// What the library complains of, as a message for the user.
  static IOException told(HostFile file, IOException e) {
    return told(file.name(), e);
  }

  /// Likewise, of a file of that name.
  static IOException told(String name, IOException e) {
    return switch (e) {
      case MemoryLimitException limit ->
          new LimitExceededException(
              "%s: xz data that needs %d KiB of memory, more than %d (our limit)"
                  .formatted(name, limit.getMemoryNeeded(), MEMORY_KIB));
      case UnsupportedOptionsException unsupported ->
          new UnsupportedFeatureException(
              "%s: xz data of a kind that is not read: %s"
                  .formatted(name, unsupported.getMessage()));
      case EOFException end -> new CorruptImageException(name + ": xz data that ends too early");
      default -> new CorruptImageException("%s: xz data: %s".formatted(name, why(e)));
    };
  }

  private static String why(IOException e) {
    String message = e.getMessage();
    return message == null ? "corrupt" : message.replace('\n', ' ');
  }

  @Override
  public long length() throws IOException {
    return packed.file().size();
  }

  @Override
  public long position() {
    return packed.position();
  }

  @Override
  public void seek(long position) {
    packed.seek(position);
  }

  @Override
  public int read() throws IOException {
    return packed.read();
  }

  @Override
  public int read(byte[] dst, int offset, int length) throws IOException {
    return packed.read(dst, offset, length);
  }
}
