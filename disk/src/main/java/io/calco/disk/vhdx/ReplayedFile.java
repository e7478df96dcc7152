package io.calco.disk.vhdx;

import io.calco.disk.HostFile;
import io.calco.disk.ReadOnlyFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/// A file as it will be after its log was replayed. Thread rule: as [HostFile].
final class ReplayedFile extends ReadOnlyFile {
  private final HostFile file;
  private final long size;

  /// What the log changed, by its first byte; runs do not meet.
  private final TreeMap<Long, Log.Patch> patches = new TreeMap<>();

  /// @param file closed with this one
  ReplayedFile(HostFile file, Log.Replay replay) {
    super(file.name());
    this.file = file;
    this.size = replay.fileSize();
    replay.patches().forEach(this::add);
  }

  /// A later change covers what earlier ones said of its bytes.
  private void add(Log.Patch patch) {
    if (patch.length() == 0) {
      return;
    }
    long end = patch.offset() + patch.length();
    Map.Entry<Long, Log.Patch> last = patches.lowerEntry(end);
    while (last != null && last.getKey() + last.getValue().length() > patch.offset()) {
      Log.Patch old = last.getValue();
      patches.remove(last.getKey());
      long oldEnd = old.offset() + old.length();
      if (oldEnd > end) {
        put(old, end, oldEnd);
      }
      if (old.offset() < patch.offset()) {
        put(old, old.offset(), patch.offset());
      }
      last = patches.lowerEntry(patch.offset());
    }
    patches.put(patch.offset(), patch);
  }

  private void put(Log.Patch old, long from, long to) {
    MemorySegment data =
        old.zero() ? old.data() : old.data().asSlice(from - old.offset(), to - from);
    patches.put(from, new Log.Patch(from, to - from, data));
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
    long present = Math.clamp(file.size() - offset, 0, dst.byteSize());
    if (present > 0) {
      file.read(offset, dst.asSlice(0, present));
    }
    dst.asSlice(present).fill((byte) 0);
    Map.Entry<Long, Log.Patch> first = patches.floorEntry(offset);
    long from = first == null ? offset : first.getKey();
    for (Log.Patch patch : patches.subMap(from, true, end, false).values()) {
      long start = Math.max(offset, patch.offset());
      long stop = Math.min(end, patch.offset() + patch.length());
      if (start < stop) {
        MemorySegment part = dst.asSlice(start - offset, stop - start);
        if (patch.zero()) {
          part.fill((byte) 0);
        } else {
          MemorySegment.copy(patch.data(), start - patch.offset(), part, 0, part.byteSize());
        }
      }
    }
  }

  @Override
  public long allocatedSize() throws IOException {
    return file.allocatedSize();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
