package io.calco.disk.partclone;

import io.calco.disk.HostFile;
import io.calco.disk.partclone.PartcloneHeader.Seeding;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

/// Reads strips in order and compares them with their checksums. Confined.
final class StripReader implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final HostFile file;
  private final Strips strips;
  private final Seeding seeding;
  private final long used;
  private final StripSum sum;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER, 4096);
  private final byte[] stored;
  private final byte[] computed;

  /// Where the buffer's bytes come from, and which of them were not taken yet.
  private long hostOffset;

  private int from;
  private int to;
  private long end;

  /// @param sum of the header's kind; where checksums run on and are no CRCs, it has taken all
  ///   strips before the first that is read, and is the caller's to close
  StripReader(HostFile file, PartcloneHeader header, OpenedMap map, StripSum sum) {
    this.file = file;
    this.strips = map.strips();
    this.seeding = header.seeding();
    this.used = map.map().used();
    this.sum = sum;
    this.stored = new byte[header.checksum().length()];
    this.computed = new byte[header.checksum().length()];
  }

  /// Goes to a strip.
  ///
  /// @param strip the next to be read
  /// @param after the strip before which reading will stop
  void seek(long strip, long after) throws IOException {
    long start = strips.hostOffset(strip * strips.length());
    long last = Math.min(used, after * strips.blocks());
    hostOffset = start;
    from = 0;
    to = 0;
    end = strips.end(last);
    if (sum instanceof StripSum.Crc crc && strip > 0) {
      file.read(start - strips.checksumLength(), MemorySegment.ofArray(stored));
      crc.restartFrom(MemorySegment.ofArray(stored).get(PartcloneLayout.U32, 0));
    }
  }

  /// Reads the next strip; true when its checksum is right.
  boolean check(long strip) throws IOException {
    if (seeding == Seeding.EACH_STRIP) {
      sum.restart();
    }
    long length = Math.min(strips.blocks(), used - strip * strips.blocks()) * strips.blockSize();
    boolean first = true;
    for (long rest = length; rest > 0; ) {
      MemorySegment bytes = next(rest);
      if (seeding != Seeding.RUNNING_FIRST_BYTE) {
        sum.update(bytes);
      } else if (first) {
        FirstBytes.update(sum, bytes.get(PartcloneLayout.U8, 0), strips.blockSize());
      }
      first = false;
      rest -= bytes.byteSize();
    }
    sum.digest(MemorySegment.ofArray(computed));
    readStored();
    if (sum instanceof StripSum.Crc crc && seeding != Seeding.EACH_STRIP) {
      crc.restartFrom(MemorySegment.ofArray(stored).get(PartcloneLayout.U32, 0));
    }
    return Arrays.equals(stored, computed);
  }

  private void readStored() throws IOException {
    for (int done = 0; done < strips.checksumLength(); ) {
      MemorySegment bytes = next(strips.checksumLength() - done);
      int wanted = Math.clamp(stored.length - done, 0, (int) bytes.byteSize());
      MemorySegment.copy(bytes, PartcloneLayout.U8, 0, stored, done, wanted);
      done += (int) bytes.byteSize();
    }
  }

  /// At least one of the next `most` bytes.
  private MemorySegment next(long most) throws IOException {
    if (from == to) {
      hostOffset += to;
      from = 0;
      to = (int) Math.min(BUFFER, end - hostOffset);
      file.read(hostOffset, buffer.asSlice(0, to));
    }
    int length = (int) Math.min(most, to - from);
    MemorySegment bytes = buffer.asSlice(from, length);
    from += length;
    return bytes;
  }

  /// What the last strip's checksum is, in hexadecimal, byte after byte.
  String stored() {
    return HexFormat.of().formatHex(stored);
  }

  /// What it should be, likewise.
  String computed() {
    return HexFormat.of().formatHex(computed);
  }

  @Override
  public void close() {
    arena.close();
  }
}
