package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Records, index blocks and pages of bitmaps: read many at once and kept, changed in memory until
/// [Commit] writes them.
///
/// Between [#begin] and [#end] the content before each change is kept, so that [#rollback] undoes a
/// failed operation as if it had not begun. Arrays handed out by [#read] must not be changed.
final class UnitCache {
  private static final int READ_BYTES = 1 << 16; // at once
  private static final int CACHE_BYTES = 24 << 20; // ours: bytes of units kept

  /// Names a unit.
  record Key(UnitStream.Id stream, long number) {}

  /// A unit that has changed and is not yet written.
  static final class Changed {
    private final long number;
    private final byte[] content;
    private final byte[] committed;
    private UnitStream stream;
    private int rank;

    private Changed(UnitStream stream, long number, byte[] content, byte[] committed, int rank) {
      this.stream = stream;
      this.number = number;
      this.content = content;
      this.committed = committed;
      this.rank = rank;
    }

    private Changed copy() {
      return new Changed(stream, number, content.clone(), committed, rank);
    }

    UnitStream stream() {
      return stream;
    }

    long number() {
      return number;
    }

    byte[] content() {
      return content;
    }

    /// A bitmap's page as it is on the disk; empty for others.
    byte[] committed() {
      return committed;
    }

    int rank() {
      return rank;
    }
  }

  private final Disk disk;
  private final int clusterBits;
  private final LinkedHashMap<Key, byte[]> clean;
  private final Map<Key, Changed> changed = new HashMap<>();
  private final Map<Key, Changed> before = new HashMap<>();
  private final Set<Key> untouched = new HashSet<>();
  private long cleanBytes;
  private boolean operation;

  UnitCache(Disk disk, int clusterBits) {
    this.disk = disk;
    this.clusterBits = clusterBits;
    this.clean = new LinkedHashMap<>(1024, 0.75f, true);
  }

  /// A unit, its update sequence undone.
  byte[] read(UnitStream stream, long number) throws IOException {
    Key key = new Key(stream.id(), number);
    Changed change = changed.get(key);
    if (change != null) {
      return change.content;
    }
    byte[] content = clean.get(key);
    return content != null ? content : load(stream, number);
  }

  private byte[] load(UnitStream stream, long number) throws IOException {
    int size = stream.unitSize();
    if (number < 0 || number >= stream.units()) {
      throw CorruptImageException.at(
          "NTFS", "number of a unit of " + stream.id(), 0, number, "below " + stream.units());
    }
    int together = Math.max(1, READ_BYTES / size);
    long first = number - number % together;
    int count = (int) Math.min(together, stream.units() - first);
    byte[] bytes = new byte[count * size];
    int there = (int) Math.min(bytes.length, stream.length() - first * size);
    readRuns(stream.runs(), first * size, MemorySegment.ofArray(bytes).asSlice(0, there));
    byte[] wanted = unit(stream, bytes, first, number);
    for (int i = 0; i < count; i++) {
      Key key = new Key(stream.id(), first + i);
      if (first + i != number && !changed.containsKey(key) && !clean.containsKey(key)) {
        keepIfSound(stream, bytes, first, first + i);
      }
    }
    keep(new Key(stream.id(), number), wanted);
    return wanted;
  }

  private static byte[] unit(UnitStream stream, byte[] bytes, long first, long number)
      throws CorruptImageException {
    int size = stream.unitSize();
    int from = (int) (number - first) * size;
    byte[] unit = Arrays.copyOfRange(bytes, from, from + size);
    if (stream.magic() != 0) {
      Fixups.remove(unit, stream.magic(), number * size);
    }
    return unit;
  }

  private void keepIfSound(UnitStream stream, byte[] bytes, long first, long number) {
    try {
      keep(new Key(stream.id(), number), unit(stream, bytes, first, number));
    } catch (CorruptImageException e) {
      // Whoever asks for it hears of it.
    }
  }

  private void keep(Key key, byte[] content) {
    byte[] old = clean.put(key, content);
    cleanBytes += content.length - (old == null ? 0 : old.length);
    while (cleanBytes > CACHE_BYTES && clean.size() > 1) {
      cleanBytes -= clean.pollFirstEntry().getValue().length;
    }
  }

  /// A unit to be changed.
  ///
  /// @param rank when it is to be written, see [Commit]; of several the last
  byte[] edit(UnitStream stream, long number, int rank) throws IOException {
    Key key = new Key(stream.id(), number);
    Changed change = changed.get(key);
    if (change == null) {
      byte[] old = read(stream, number);
      drop(key);
      byte[] committed = stream.isBitmap() ? old : new byte[0];
      change = new Changed(stream, number, old.clone(), committed, rank);
      markUntouched(key);
      changed.put(key, change);
      return change.content;
    }
    remember(key, change);
    change.stream = stream; // it may have grown
    if (change.rank != Commit.FRESH) {
      change.rank = Math.max(change.rank, rank);
    }
    return change.content;
  }

  /// A unit of zeroes to be filled, whatever the disk holds.
  byte[] create(UnitStream stream, long number) {
    Key key = new Key(stream.id(), number);
    Changed old = changed.get(key);
    if (old != null) {
      remember(key, old);
    } else {
      markUntouched(key);
    }
    drop(key);
    int size = stream.unitSize();
    byte[] committed = stream.isBitmap() ? new byte[size] : new byte[0];
    Changed change = new Changed(stream, number, new byte[size], committed, Commit.FRESH);
    changed.put(key, change);
    return change.content;
  }

  private void drop(Key key) {
    byte[] old = clean.remove(key);
    if (old != null) {
      cleanBytes -= old.length;
    }
  }

  private void remember(Key key, Changed change) {
    if (operation && !before.containsKey(key) && !untouched.contains(key)) {
      before.put(key, change.copy());
    }
  }

  private void markUntouched(Key key) {
    if (operation && !before.containsKey(key)) {
      untouched.add(key);
    }
  }

  /// True when the bit was clear on the disk at the last commit and is now.
  boolean isFree(UnitStream bitmap, long page, int bit) throws IOException {
    byte[] now = read(bitmap, page);
    Changed change = changed.get(new Key(bitmap.id(), page));
    int mask = 1 << (bit & 7);
    boolean kept = change != null && (change.committed[bit >> 3] & mask) != 0;
    return (now[bit >> 3] & mask) == 0 && !kept;
  }

  void begin() {
    operation = true;
    before.clear();
    untouched.clear();
  }

  void end() {
    operation = false;
    before.clear();
    untouched.clear();
  }

  /// Undoes every change since [#begin].
  void rollback() {
    untouched.forEach(changed::remove);
    changed.putAll(before);
    end();
  }

  Map<Key, Changed> changed() {
    return changed;
  }

  /// The changes are on the disk.
  void written() {
    changed.forEach((key, change) -> keep(key, change.content));
    changed.clear();
  }

  Disk disk() {
    return disk;
  }

  /// Forgets the units of an attribute that is no more, or is another now.
  void forget(UnitStream.Id stream) {
    clean
        .entrySet()
        .removeIf(entry -> {
          boolean is = entry.getKey().stream().equals(stream);
          cleanBytes -= is ? entry.getValue().length : 0;
          return is;
        });
  }

  /// Reads bytes of an attribute as they are on the disk.
  void readRuns(RunList runs, long offset, MemorySegment dst) throws IOException {
    new ContentReader(disk, clusterBits).readRuns(runs, offset, dst);
  }

  /// Writes bytes of an attribute to their places; there are no holes there.
  void writeRuns(RunList runs, long offset, byte[] bytes) throws IOException {
    int done = 0;
    for (int run = runs.find(offset >> clusterBits); done < bytes.length; run++) {
      long in = offset + done - (runs.start(run) << clusterBits);
      int part = (int) Math.min((runs.length(run) << clusterBits) - in, bytes.length - done);
      disk.write(
          (runs.place(run) << clusterBits) + in, MemorySegment.ofArray(bytes).asSlice(done, part));
      done += part;
    }
  }
}
