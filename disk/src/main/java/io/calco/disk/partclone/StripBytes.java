package io.calco.disk.partclone;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.LaidOutFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// The strips of an image, made as they are read. Who reads a checksum, or much of a strip, has the
/// whole strip made, which is kept a while: reading from end to end reads each block of the disk
/// once. Small reads go to the disk.
///
/// Thread rule: safe.
final class StripBytes implements LaidOutFile.Generator {
  /// Bytes of strips that are kept.
  private static final long KEPT = 16L << 20;

  /// As many strips at least, so that threads that read ahead do not make each other's strips
  /// again.
  private static final int KEPT_MIN = 4;

  private static final int MUCH = 64 << 10;

  /// Room for a strip.
  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();

    /// With the lock: which strip is in the buffer, or -1.
    long strip = -1;

    MemorySegment buffer = MemorySegment.NULL;
  }

  private final Disk disk;
  private final DataUnits used;
  private final Strips strips;
  private final Checksum checksum;
  private final long stride;
  private final int slotsMax;
  private final ReentrantLock lock = new ReentrantLock();

  /// With the lock; the one used last is the last.
  private final LinkedHashMap<Long, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);

  StripBytes(Disk disk, DataUnits used, Strips strips, Checksum checksum) throws IOException {
    this.disk = disk;
    this.used = used;
    this.strips = strips;
    this.checksum = checksum;
    this.stride = strips.length() + strips.checksumLength();
    this.slotsMax = (int) Math.max(KEPT_MIN, KEPT / stride);
    if (checksum != Checksum.NONE) {
      StripSum.of(checksum).close();
    }
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      long strip = (offset + done) / stride;
      long from = (offset + done) % stride;
      long dataLength = dataLength(strip);
      long end = Math.min(from + dst.byteSize() - done, dataLength + strips.checksumLength());
      MemorySegment piece = dst.asSlice(done, end - from);
      boolean onlyData = end <= dataLength;
      if (onlyData && (checksum == Checksum.NONE || piece.byteSize() < MUCH)) {
        readBlocks(strip * strips.length() + from, piece);
      } else {
        copyStrip(strip, from, piece);
      }
      done += piece.byteSize();
    }
  }

  /// Bytes of blocks in this strip.
  private long dataLength(long strip) {
    long blocks = Math.min(strips.blocks(), used.count() - strip * strips.blocks());
    return blocks * strips.blockSize();
  }

  private void copyStrip(long strip, long from, MemorySegment dst) throws IOException {
    Slot slot = slotOf(strip);
    slot.lock.lock();
    try {
      if (slot.strip != strip) {
        slot.strip = -1;
        make(strip, slot);
        slot.strip = strip;
      }
      MemorySegment.copy(slot.buffer, from, dst, 0, dst.byteSize());
    } finally {
      slot.lock.unlock();
    }
  }

  /// The slot where a strip belongs. It may be given to another strip before it is locked.
  private Slot slotOf(long strip) {
    lock.lock();
    try {
      Slot slot = slots.get(strip);
      if (slot == null) {
        slot = slots.size() < slotsMax ? new Slot() : slots.pollFirstEntry().getValue();
        slots.put(strip, slot);
      }
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void make(long strip, Slot slot) throws IOException {
    if (slot.buffer.byteSize() == 0) {
      slot.buffer = Arena.ofAuto().allocate(stride, 4096);
    }
    long length = dataLength(strip);
    MemorySegment data = slot.buffer.asSlice(0, length);
    readBlocks(strip * strips.length(), data);
    if (checksum != Checksum.NONE) {
      try (StripSum sum = StripSum.of(checksum)) {
        sum.update(data);
        sum.digest(slot.buffer.asSlice(length, strips.checksumLength()));
      }
    }
  }

  /// Reads used blocks from the disk, from byte `at` of all of them on.
  private void readBlocks(long at, MemorySegment dst) throws IOException {
    int blockSize = strips.blockSize();
    long first = at / blockSize;
    long count = (at + dst.byteSize() - 1) / blockSize - first + 1;
    used.forEachRun(
        first,
        count,
        (block, length, ordinal) -> {
          long from = Math.max(ordinal * blockSize, at);
          long end = Math.min((ordinal + length) * blockSize, at + dst.byteSize());
          long guest = block * blockSize + from - ordinal * blockSize;
          readGuest(guest, dst.asSlice(from - at, end - from));
        });
  }

  /// What lies beyond the disk's end reads as zeroes.
  private void readGuest(long offset, MemorySegment dst) throws IOException {
    long present = Math.clamp(disk.size() - offset, 0, dst.byteSize());
    if (present > 0) {
      disk.read(offset, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
  }
}
