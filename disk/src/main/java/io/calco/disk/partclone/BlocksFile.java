package io.calco.disk.partclone;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.ReadOnlyFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The used blocks one after the other, as if there were no checksums between them. Reading checks
/// none. Thread rule: as [HostFile]; closing it leaves the image open.
final class BlocksFile extends ReadOnlyFile {
  /// Strips shorter than this are read several at once.
  private static final int SHORT = 64 << 10;

  /// Bytes of blocks that are read at once where strips are short.
  private static final int SPAN = 256 << 10;

  private final HostFile file;
  private final Strips strips;
  private final long size;

  /// @param file the image
  /// @param used blocks that are used
  BlocksFile(HostFile file, Strips strips, long used) {
    super(file.name());
    this.file = file;
    this.strips = strips;
    this.size = used * strips.blockSize();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long end = endOf(offset, dst);
    if (end > size) {
      throw endsBefore(size, end);
    }
    long length = strips.length();
    for (long at = offset; at < end; ) {
      MemorySegment rest = dst.asSlice(at - offset);
      long inStrip = Math.min(rest.byteSize(), length - at % length);
      if (inStrip == rest.byteSize() || length >= SHORT) {
        readFile(strips.hostOffset(at), rest.asSlice(0, inStrip));
        at += inStrip;
      } else {
        at += readShort(at, rest.asSlice(0, Math.min(rest.byteSize(), SPAN)));
      }
    }
  }

  /// Reads blocks together with the checksums between them, and leaves these out.
  private long readShort(long offset, MemorySegment dst) throws IOException {
    long from = strips.hostOffset(offset);
    long end = offset + dst.byteSize();
    long hostEnd = strips.hostOffset(end - 1) + 1;
    MemorySegment span = MemorySegment.ofArray(new byte[Math.toIntExact(hostEnd - from)]);
    readFile(from, span);
    for (long at = offset; at < end; ) {
      long inStrip = Math.min(end - at, strips.length() - at % strips.length());
      MemorySegment.copy(span, strips.hostOffset(at) - from, dst, at - offset, inStrip);
      at += inStrip;
    }
    return dst.byteSize();
  }

  private void readFile(long at, MemorySegment dst) throws IOException {
    try {
      file.read(at, dst);
    } catch (EOFException e) {
      throw cutShort(file, strips.end(size / strips.blockSize()));
    }
  }

  /// What to say of an image that ends too early.
  static CorruptImageException cutShort(HostFile file, long expected) throws IOException {
    return new CorruptImageException(
        "%s: is cut short: ends at 0x%x, its last block or checksum at 0x%x"
            .formatted(file.name(), file.size(), expected));
  }

  @Override
  public void close() {}
}
