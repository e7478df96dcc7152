package io.calco.disk;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A file that is made as it is read: parts one after the other, each of bytes held in memory,
/// bytes made on request, a run of a disk, or zeroes. What [ImageFormat#layOut] answers.
///
/// Thread rule: safe for several threads at once, as its generators are.
public final class LaidOutFile implements HostFile {

  /// Makes bytes of a part.
  public interface Generator {
    /// Fills `dst` with the part's bytes from `offset` on, counted from the part's beginning.
    void read(long offset, MemorySegment dst) throws IOException;
  }

  private sealed interface Part {
    long length();

    record Made(long length, Generator generator) implements Part {}

    record Guest(long length, long guestOffset) implements Part {}

    record Zeroes(long length) implements Part {}
  }

  private final String name;
  private final Disk disk;
  private final List<Part> parts;

  /// Where each part begins.
  private final long[] starts;

  private final long size;

  private LaidOutFile(Builder from) {
    name = from.name;
    disk = from.disk;
    parts = List.copyOf(from.parts);
    size = from.size;
    starts = new long[parts.size()];
    long at = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at;
      at += parts.get(i).length();
    }
  }

  /// Begins an empty file.
  ///
  /// @param name for messages
  /// @param disk whose runs the file holds; stays open when the file is closed
  public static Builder of(String name, Disk disk) {
    return new Builder(name, disk);
  }

  /// Takes the parts in order. Thread rule: confined.
  public static final class Builder {
    private final String name;
    private final Disk disk;
    private final List<Part> parts = new ArrayList<>();
    private long size;

    private Builder(String name, Disk disk) {
      this.name = name;
      this.disk = disk;
    }

    /// Bytes so far: where the next part will begin.
    public long size() {
      return size;
    }

    /// These bytes, which must not change any more.
    public Builder bytes(byte[] bytes) {
      MemorySegment all = MemorySegment.ofArray(bytes).asReadOnly();
      return generated(
          bytes.length, (offset, dst) -> MemorySegment.copy(all, offset, dst, 0, dst.byteSize()));
    }

    /// Bytes made on request.
    public Builder generated(long length, Generator generator) {
      return add(new Part.Made(length, generator));
    }

    /// A run of the disk; what lies beyond its end reads as zeroes.
    public Builder guest(long guestOffset, long length) {
      return add(new Part.Guest(length, guestOffset));
    }

    /// Zeroes, a hole of the file.
    public Builder zeroes(long length) {
      return add(new Part.Zeroes(length));
    }

    /// Zeroes up to a place in the file that was not passed yet.
    public Builder zeroesTo(long offset) {
      return zeroes(offset - size);
    }

    private Builder add(Part part) {
      if (part.length() < 0) {
        throw new IllegalArgumentException("part of %d bytes".formatted(part.length()));
      }
      if (part.length() > 0) {
        parts.add(part);
        size = Math.addExact(size, part.length());
      }
      return this;
    }

    /// The file.
    public LaidOutFile build() {
      return new LaidOutFile(this);
    }
  }

  /// The part that covers `offset`, which lies in the file.
  private int partAt(long offset) {
    int found = java.util.Arrays.binarySearch(starts, offset);
    return found >= 0 ? found : -found - 2;
  }

  private long end(int part) {
    return starts[part] + parts.get(part).length();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean writable() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (offset < 0 || dst.byteSize() > size - offset) {
      throw new EOFException(
          "%s: ends at 0x%x, before 0x%x".formatted(name, size, offset + dst.byteSize()));
    }
    long done = 0;
    for (int i = dst.byteSize() > 0 ? partAt(offset) : 0; done < dst.byteSize(); i++) {
      long within = offset + done - starts[i];
      long length = Math.min(dst.byteSize() - done, parts.get(i).length() - within);
      MemorySegment piece = dst.asSlice(done, length);
      switch (parts.get(i)) {
        case Part.Made made -> made.generator().read(within, piece);
        case Part.Guest guest -> readGuest(guest.guestOffset() + within, piece);
        case Part.Zeroes zeroes -> piece.fill((byte) 0);
      }
      done += length;
    }
  }

  private void readGuest(long offset, MemorySegment dst) throws IOException {
    long present = Math.clamp(disk.size() - offset, 0, dst.byteSize());
    if (present > 0) {
      disk.read(offset, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return next(offset, true);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return next(offset, false);
  }

  private long next(long offset, boolean data) throws IOException {
    long at = offset;
    while (at < size) {
      int i = partAt(at);
      switch (parts.get(i)) {
        case Part.Made made when data -> {
          return at;
        }
        case Part.Zeroes zeroes when !data -> {
          return at;
        }
        case Part.Made made -> at = end(i);
        case Part.Zeroes zeroes -> at = end(i);
        case Part.Guest guest -> {
          long inDisk = guest.guestOffset() + at - starts[i];
          if (inDisk >= disk.size()) {
            if (!data) {
              return at;
            }
            at = end(i);
            continue;
          }
          Extent extent = disk.extentAt(inDisk, Math.min(end(i) - at, disk.size() - inDisk));
          if (extent.readsZero() != data) {
            return at;
          }
          at += extent.length();
        }
      }
    }
    return size;
  }

  @Override
  public long allocatedSize() {
    return size;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    throw readOnly();
  }

  @Override
  public void truncate(long newSize) throws IOException {
    throw readOnly();
  }

  @Override
  public void punchHole(long offset, long length) throws IOException {
    throw readOnly();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    throw readOnly();
  }

  private IOException readOnly() {
    return new UnsupportedFeatureException(name + ": is made as it is read and cannot be written");
  }

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
