package io.calco.disk.vhdx;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The log's entries as they lie in the file (MS-VHDX 2.3), and which of them count.
final class Log {
  static final int ENTRY_MARK = 0x6567_6f6c; // "loge"
  static final int DATA_MARK = 0x6174_6164; // "data"
  static final int DATA_DESCRIPTOR = 0x6373_6564; // "desc"
  static final int ZERO_DESCRIPTOR = 0x6f72_657a; // "zero"
  static final int HEADER_BYTES = 64;
  static final int DESCRIPTOR_BYTES = 32;
  static final int CHECKSUM = 4;
  static final int LENGTH = 8;
  static final int TAIL = 12;
  static final int SEQUENCE = 16;
  static final int COUNT = 24;
  static final int GUID = 32;
  static final int FLUSHED_SIZE = 48;
  static final int LAST_SIZE = 56;

  /// Ours: Hyper-V and QEMU make logs of 1 MiB.
  private static final long LOG_MAX = 64 << 20;

  private Log() {}

  /// Ours: how many times over a log is looked at for sound entries.
  private static final int WORK_MAX = 16;

  /// An entry.
  ///
  /// @param at where it begins in the log
  /// @param bytes all of it
  private record Entry(long at, MemorySegment bytes) {
    long length() {
      return bytes.byteSize();
    }

    long sequence() {
      return bytes.get(VhdxLayout.U64, SEQUENCE);
    }

    boolean isSound() {
      return bytes.get(VhdxLayout.U32, CHECKSUM) == VhdxLayout.checksum(bytes, CHECKSUM);
    }

    long tail() {
      return Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, TAIL));
    }
  }

  /// What the log changes, in order.
  ///
  /// @param patches sectors of 4 KiB and runs of zeroes
  /// @param fileSize bytes that the file has at least afterwards
  record Replay(List<Patch> patches, long fileSize) {}

  /// Bytes to write.
  ///
  /// @param data a sector of 4 KiB, or empty for zeroes
  record Patch(long offset, long length, MemorySegment data) {
    boolean zero() {
      return data.byteSize() == 0;
    }
  }

  /// Reads what must be replayed.
  static Replay read(HostFile file, VhdxHeader header) throws IOException {
    if (header.logLength() > LOG_MAX) {
      throw new LimitExceededException(
          "%s: a log of %d bytes must be replayed; %d is our limit"
              .formatted(file.name(), header.logLength(), LOG_MAX));
    }
    MemorySegment log =
        VhdxLayout.read(file, "log", header.logOffset(), Math.toIntExact(header.logLength()));
    List<Entry> active = active(file, log, header);
    List<Patch> patches = new ArrayList<>();
    long size = file.size();
    if (!active.isEmpty()) {
      MemorySegment head = active.getLast().bytes;
      long flushed = head.get(VhdxLayout.U64, FLUSHED_SIZE);
      long last = head.get(VhdxLayout.U64, LAST_SIZE);
      if (Long.compareUnsigned(size, flushed) < 0) {
        throw new CorruptImageException(
            "%s: has %d bytes; its log was written when it had %d"
                .formatted(file.name(), size, flushed));
      }
      size = Math.max(size, Math.clamp(last, 0, VhdxLayout.DISK_SIZE_MAX * 2));
    }
    for (Entry entry : active) {
      addPatches(file, header, entry, patches);
    }
    for (Patch patch : patches) {
      size = patch.zero() ? size : Math.max(size, patch.offset() + patch.length());
    }
    return new Replay(patches, size);
  }

  /// The sequence of entries with the greatest numbers that is complete from its tail to its head.
  private static List<Entry> active(HostFile file, MemorySegment log, VhdxHeader header)
      throws LimitExceededException {
    Map<Long, Entry> entries = soundEntries(file, log, header);
    Set<Long> followers = new HashSet<>();
    for (Entry entry : entries.values()) {
      Entry next = after(entry, entries, log);
      if (next != null) {
        followers.add(next.at);
      }
    }
    List<Entry> best = List.of();
    for (Entry first : entries.values()) {
      if (followers.contains(first.at)) {
        continue;
      }
      List<Entry> sequence = new ArrayList<>();
      for (Entry next = first; next != null; next = after(next, entries, log)) {
        sequence.add(next);
      }
      Entry head = sequence.getLast();
      int tail = indexOf(sequence, head.tail());
      if (tail < sequence.size()
          && (best.isEmpty()
              || Long.compareUnsigned(head.sequence(), best.getLast().sequence()) > 0)) {
        best = sequence.subList(tail, sequence.size());
      }
    }
    return best;
  }

  /// Entries by their places. No entry begins inside a sound one.
  private static Map<Long, Entry> soundEntries(HostFile file, MemorySegment log, VhdxHeader header)
      throws LimitExceededException {
    Map<Long, Entry> entries = new HashMap<>();
    long work = 0;
    for (long at = 0; at < log.byteSize(); ) {
      Entry entry = entryAt(log, at, header);
      if (entry == null) {
        at += VhdxLayout.PAGE;
        continue;
      }
      work += entry.length();
      if (work > WORK_MAX * log.byteSize()) {
        throw new LimitExceededException(
            "%s: its log is full of entries that reach over each other".formatted(file.name()));
      }
      if (entry.isSound()) {
        entries.put(at, entry);
        at += entry.length();
      } else {
        at += VhdxLayout.PAGE;
      }
    }
    return entries;
  }

  /// The entry right after another in the log and in number: there is no loop, since none is 0.
  private static @Nullable Entry after(Entry entry, Map<Long, Entry> entries, MemorySegment log) {
    Entry next = entries.get((entry.at + entry.length()) % log.byteSize());
    return next != null && next.sequence() == entry.sequence() + 1 ? next : null;
  }

  private static int indexOf(List<Entry> sequence, long tail) {
    int i = 0;
    while (i < sequence.size() && sequence.get(i).at != tail) {
      i++;
    }
    return i;
  }

  /// What calls itself an entry of this log, and is one by its length.
  private static @Nullable Entry entryAt(MemorySegment log, long at, VhdxHeader header) {
    if (log.get(VhdxLayout.U32, at) != ENTRY_MARK
        || !Guids.get(log, at + GUID).equals(header.log())) {
      return null;
    }
    long length = Integer.toUnsignedLong(log.get(VhdxLayout.U32, at + LENGTH));
    long count = Integer.toUnsignedLong(log.get(VhdxLayout.U32, at + COUNT));
    if (length < VhdxLayout.PAGE
        || length % VhdxLayout.PAGE != 0
        || length > log.byteSize()
        || count > (length - HEADER_BYTES) / DESCRIPTOR_BYTES
        || log.get(VhdxLayout.U64, at + SEQUENCE) == 0) {
      return null;
    }
    if (length <= log.byteSize() - at) {
      return new Entry(at, log.asSlice(at, length));
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) length]);
    long first = log.byteSize() - at;
    MemorySegment.copy(log, at, bytes, 0, first);
    MemorySegment.copy(log, 0, bytes, first, length - first);
    return new Entry(at, bytes);
  }

  private static void addPatches(HostFile file, VhdxHeader header, Entry entry, List<Patch> patches)
      throws IOException {
    MemorySegment bytes = entry.bytes;
    long count = Integer.toUnsignedLong(bytes.get(VhdxLayout.U32, COUNT));
    long data = VhdxLayout.up(HEADER_BYTES + count * DESCRIPTOR_BYTES, VhdxLayout.PAGE);
    for (long i = 0; i < count; i++) {
      long at = HEADER_BYTES + i * DESCRIPTOR_BYTES;
      int mark = bytes.get(VhdxLayout.U32, at);
      long offset = bytes.get(VhdxLayout.U64, at + 16);
      boolean zero = mark == ZERO_DESCRIPTOR;
      long length = zero ? bytes.get(VhdxLayout.U64, at + 8) : VhdxLayout.PAGE;
      boolean sound =
          (zero || mark == DATA_DESCRIPTOR)
              && bytes.get(VhdxLayout.U64, at + 24) == entry.sequence()
              && offset >= 0
              && offset % VhdxLayout.PAGE == 0
              && length >= 0
              && length % VhdxLayout.PAGE == 0
              && offset <= 2 * VhdxLayout.DISK_SIZE_MAX - length
              && (zero || isData(bytes, data, entry.sequence()));
      if (!sound) {
        throw CorruptImageException.at(
            file.name(),
            "log entry, descriptor %d".formatted(i),
            header.logOffset() + entry.at + at,
            "0x%08x for %d bytes at 0x%x".formatted(mark, length, offset),
            "a data or zero descriptor on a grid of 4 KiB");
      }
      if (zero) {
        patches.add(new Patch(offset, length, MemorySegment.NULL));
      } else {
        patches.add(new Patch(offset, length, sector(bytes, at, data)));
        data += VhdxLayout.PAGE;
      }
    }
  }

  /// True when a sector of this entry lies there, and no older one.
  private static boolean isData(MemorySegment bytes, long at, long sequence) {
    return at + VhdxLayout.PAGE <= bytes.byteSize()
        && bytes.get(VhdxLayout.U32, at) == DATA_MARK
        && bytes.get(VhdxLayout.U32, at + 4) == (int) (sequence >>> 32)
        && bytes.get(VhdxLayout.U32, at + VhdxLayout.PAGE - 4) == (int) sequence;
  }

  /// The sector's first 8 and last 4 bytes are in its descriptor; they are put back in place.
  private static MemorySegment sector(MemorySegment entry, long descriptor, long data) {
    MemorySegment sector = entry.asSlice(data, VhdxLayout.PAGE);
    MemorySegment.copy(entry, descriptor + 8, sector, 0, 8);
    MemorySegment.copy(entry, descriptor + 4, sector, VhdxLayout.PAGE - 4, 4);
    return sector;
  }

  /// Replays into the file, and says so in its header.
  static VhdxHeader replay(HostFile file, VhdxHeader header) throws IOException {
    Replay replay = read(file, header);
    for (Patch patch : replay.patches()) {
      if (!patch.zero()) {
        file.write(patch.offset(), patch.data());
      } else if (patch.length() > 0) {
        long length = Math.min(patch.length(), file.size() - patch.offset());
        if (length > 0) {
          file.punchHole(patch.offset(), length);
        }
      }
    }
    if (file.size() < replay.fileSize()) {
      file.truncate(replay.fileSize());
    }
    file.sync();
    VhdxHeader clean = header.next(header.fileWrite(), header.dataWrite(), Guids.NONE);
    clean.write(file::write);
    file.sync();
    return clean;
  }
}
