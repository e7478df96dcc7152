package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The file allocation table: for each cluster the next one of its chain. Changes stay in memory
/// until [#write] brings them to the disk, by kinds.
final class FatTable {
  static final int FREE = 0;
  static final int END = Integer.MAX_VALUE;
  static final int BAD = Integer.MAX_VALUE - 1;

  /// Kinds of changes, in the order that they may reach the disk.
  enum Phase {
    /// Free clusters that become chains.
    ALLOCATE,
    /// Ends of chains that go on.
    LINK,
    /// Chains that end earlier, or go on elsewhere.
    CUT,
    /// Clusters that become free.
    RELEASE
  }

  private static final int PAGE_BITS = 16;
  private static final int PAGE_BYTES = 1 << PAGE_BITS;
  private static final int PAGES_KEPT = 256; // ours: 16 MiB

  /// A part of the table. All of a 12-bit table is one page, so that no entry lies in two.
  private static final class Page {
    private final byte[] now;
    private final BitSet changed = new BitSet();
    private byte @Nullable [] onDisk;

    Page(byte[] now) {
      this.now = now;
    }

    byte[] onDisk() {
      return onDisk == null ? now : onDisk;
    }
  }

  private final Disk disk;
  private final Geometry geometry;
  private final int entriesPerPage;
  private final Map<Integer, Page> changed = new TreeMap<>();
  private final LinkedHashMap<Integer, Page> clean =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Page> eldest) {
          return size() > PAGES_KEPT;
        }
      };
  private long free = -1;
  private long freed;

  FatTable(Disk disk, Geometry geometry) {
    this.disk = disk;
    this.geometry = geometry;
    this.entriesPerPage =
        geometry.width() == 12 ? Integer.MAX_VALUE : PAGE_BYTES / (geometry.width() / 8);
  }

  private Page page(int number) throws IOException {
    Page page = changed.get(number);
    if (page == null) {
      page = clean.get(number);
    }
    if (page == null) {
      long from = (long) number << PAGE_BITS;
      int length = (int) Math.min(PAGE_BYTES, geometry.fatBytes() - from);
      page = new Page(disk.readBytes(copyOffset(geometry.firstFat()) + from, length));
      clean.put(number, page);
    }
    return page;
  }

  private long copyOffset(int copy) {
    return geometry.fatOffset() + copy * geometry.fatBytes();
  }

  private int raw(byte[] bytes, int index) {
    return switch (geometry.width()) {
      case 12 -> {
        int pair = LittleEndian.u16(bytes, index + index / 2);
        yield index % 2 == 0 ? pair & 0xFFF : pair >>> 4;
      }
      case 16 -> LittleEndian.u16(bytes, 2 * index);
      default -> LittleEndian.s32(bytes, 4 * index) & 0x0FFFFFFF;
    };
  }

  private void putRaw(byte[] bytes, int index, int value) {
    switch (geometry.width()) {
      case 12 -> {
        int at = index + index / 2;
        int pair = LittleEndian.u16(bytes, at);
        LittleEndian.put16(
            bytes, at, index % 2 == 0 ? pair & 0xF000 | value : pair & 0xF | value << 4);
      }
      case 16 -> LittleEndian.put16(bytes, 2 * index, value);
      default -> {
        int reserved = LittleEndian.s32(bytes, 4 * index) & 0xF0000000;
        LittleEndian.put32(bytes, 4 * index, reserved | value);
      }
    }
  }

  /// The largest value of an entry.
  private int mask() {
    return geometry.width() == 32 ? 0x0FFFFFFF : (1 << geometry.width()) - 1;
  }

  private int meaning(int raw) {
    int top = mask();
    return raw >= top - 7 ? END : raw == top - 8 ? BAD : raw;
  }

  /// What follows a cluster: [#FREE], [#END], [#BAD], or a number that need not be a cluster's.
  int get(int cluster) throws IOException {
    return meaning(raw(page(cluster / entriesPerPage).now, cluster % entriesPerPage));
  }

  /// What follows a cluster in a chain: a cluster, or [#END].
  int next(int cluster) throws IOException {
    int next = get(cluster);
    if (next != END && !geometry.isCluster(next)) {
      throw CorruptImageException.at(
          "FAT file system",
          "FAT entry of cluster " + cluster,
          geometry.fatOffset() + (long) cluster * geometry.width() / 8,
          next == FREE ? "a free cluster" : next == BAD ? "a bad cluster" : "0x%x".formatted(next),
          "the next cluster of a chain");
    }
    return next;
  }

  /// Changes an entry in memory.
  void set(int cluster, int value) throws IOException {
    countFree();
    int number = cluster / entriesPerPage;
    int index = cluster % entriesPerPage;
    Page page = page(number);
    byte[] onDisk = page.onDisk;
    if (onDisk == null) {
      onDisk = page.now.clone();
      page.onDisk = onDisk;
      clean.remove(number);
      changed.put(number, page);
    }
    page.changed.set(index);
    boolean wasOnDisk = raw(onDisk, index) != FREE;
    boolean was = raw(page.now, index) != FREE;
    putRaw(page.now, index, value == END ? mask() : value);
    if (was && value == FREE) {
      free++;
      freed += wasOnDisk ? 1 : 0;
    } else if (!was && value != FREE) {
      free--;
      freed -= wasOnDisk ? 1 : 0;
    }
  }

  /// Free clusters.
  long countFree() throws IOException {
    if (free < 0) {
      long count = 0;
      int end = geometry.lastCluster() + 1;
      for (int at = nextFree(2); at < end; ) {
        int to = nextUsed(at);
        count += to - at;
        at = nextFree(to);
      }
      free = count;
    }
    return free;
  }

  /// Free clusters that are so on the disk too.
  long countAvailable() throws IOException {
    return countFree() - freed;
  }

  /// The first free cluster from `from` on, one behind the last when there is none.
  int nextFree(int from) throws IOException {
    return find(from, true, false);
  }

  /// The first cluster in use from `from` on, one behind the last when there is none.
  int nextUsed(int from) throws IOException {
    return find(from, false, false);
  }

  /// As [#nextFree], and free on the disk too.
  int nextAvailable(int from) throws IOException {
    return find(from, true, true);
  }

  private int find(int from, boolean wanted, boolean onDiskToo) throws IOException {
    int end = geometry.lastCluster() + 1;
    int at = from;
    while (at < end) {
      Page page = page(at / entriesPerPage);
      byte[] onDisk = onDiskToo ? page.onDisk() : page.now;
      int last = (int) Math.min(end, (at / entriesPerPage + 1L) * entriesPerPage);
      for (; at < last; at++) {
        int index = at % entriesPerPage;
        boolean isFree = raw(page.now, index) == FREE;
        if (isFree == wanted && (!onDiskToo || raw(onDisk, index) == FREE)) {
          return at;
        }
      }
    }
    return end;
  }

  boolean isChanged() {
    return !changed.isEmpty();
  }

  /// Pages with changes.
  int changedPages() {
    return changed.size();
  }

  private static Phase phase(int before, int now) {
    if (before == FREE) {
      return Phase.ALLOCATE;
    }
    if (now == FREE) {
      return Phase.RELEASE;
    }
    return before == END ? Phase.LINK : Phase.CUT;
  }

  /// Brings the changes of one kind to all copies on the disk; earlier kinds are there already.
  ///
  /// @return true when there were any
  boolean write(Phase phase) throws IOException {
    boolean any = false;
    for (Map.Entry<Integer, Page> entry : changed.entrySet()) {
      Page page = entry.getValue();
      byte[] onDisk = page.onDisk();
      BitSet sectors = new BitSet();
      for (int index = page.changed.nextSetBit(0);
          index >= 0;
          index = page.changed.nextSetBit(index + 1)) {
        int before = raw(onDisk, index);
        int now = raw(page.now, index);
        if (before != now && phase(meaning(before), meaning(now)) == phase) {
          putRaw(onDisk, index, now);
          long bit = (long) index * geometry.width();
          sectors.set((int) (bit / 8 / geometry.sectorBytes()));
          sectors.set((int) ((bit + geometry.width() - 1) / 8 / geometry.sectorBytes()));
        }
      }
      write((long) entry.getKey() << PAGE_BITS, onDisk, sectors);
      any |= !sectors.isEmpty();
    }
    if (phase == Phase.RELEASE) {
      changed.forEach((number, page) -> {
        page.onDisk = null;
        page.changed.clear();
        clean.put(number, page);
      });
      changed.clear();
      freed = 0;
    }
    return any;
  }

  private void write(long from, byte[] bytes, BitSet sectors) throws IOException {
    int unit = geometry.sectorBytes();
    for (int copy = geometry.firstFat(); copy < geometry.firstFat() + geometry.fats(); copy++) {
      int first = sectors.nextSetBit(0);
      while (first >= 0) {
        int end = sectors.nextClearBit(first);
        byte[] run = Arrays.copyOfRange(bytes, first * unit, end * unit);
        disk.writeBytes(copyOffset(copy) + from + (long) first * unit, run);
        first = sectors.nextSetBit(end);
      }
    }
  }

  private static final int CLEAN_16 = 0x8000;
  private static final int CLEAN_32 = 0x08000000;

  /// What FAT[1] says; a 12-bit table says nothing.
  boolean isMarkedClean() throws IOException {
    return geometry.width() == 12 || (raw(page(0).now, 1) & cleanBit()) != 0;
  }

  private int cleanBit() {
    return geometry.width() == 16 ? CLEAN_16 : CLEAN_32;
  }

  /// Sets the bit in FAT[1] on the disk.
  void mark(boolean isClean) throws IOException {
    if (geometry.width() == 12) {
      return;
    }
    Page page = page(0);
    List<byte[]> images = new ArrayList<>(List.of(page.now));
    if (page.onDisk != null) {
      images.add(page.onDisk);
    }
    for (byte[] image : images) {
      int raw = raw(image, 1);
      putRaw(image, 1, isClean ? raw | cleanBit() : raw & ~cleanBit());
    }
    BitSet first = new BitSet();
    first.set(0);
    write(0, page.onDisk(), first);
  }
}
