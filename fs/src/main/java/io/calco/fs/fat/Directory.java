package io.calco.fs.fat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileAttributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A directory, whole in memory: its slots, and the files they tell of. Changes stay here until
/// [DirectoryWriter] brings them to the disk.
final class Directory {
  /// Bytes of a directory, the specification's.
  static final int MAX_BYTES = 2 << 20;

  private final Volume volume;
  private final int first;
  private int[] clusters;
  private byte[] slots;
  private int end;
  private int searchFrom;
  private final TreeMap<Integer, FatEntry> entries = new TreeMap<>();
  private final Map<String, FatEntry> byName = new HashMap<>();
  private final Set<String> shortNames = new HashSet<>();
  private Optional<String> label = Optional.empty();

  private Directory(Volume volume, int first, int[] clusters, byte[] slots) {
    this.volume = volume;
    this.first = first;
    this.clusters = clusters;
    this.slots = slots;
  }

  /// Reads a directory.
  ///
  /// @param first its first cluster; 0 for the fixed root
  static Directory load(Volume volume, int first) throws IOException {
    Geometry geometry = volume.geometry();
    if (first == 0) {
      if (geometry.rootBytes() == 0) {
        throw new CorruptImageException(
            "FAT file system: directory entry: found a directory without a cluster");
      }
      byte[] slots = volume.disk().readBytes(geometry.rootOffset(), geometry.rootBytes());
      return new Directory(volume, 0, new int[0], slots).parsed();
    }
    int[] clusters = volume.clusters().all(first, Math.max(1, MAX_BYTES / geometry.clusterBytes()));
    byte[] slots = new byte[clusters.length * geometry.clusterBytes()];
    volume.clusters().read(first, 0, MemorySegment.ofArray(slots));
    return new Directory(volume, first, clusters, slots).parsed();
  }

  /// A new directory in a cluster that was free.
  ///
  /// @param parent the first cluster of the directory it is in, 0 for the root
  static Directory create(Volume volume, int cluster, int parent, FileAttributes attributes) {
    byte[] slots = new byte[volume.geometry().clusterBytes()];
    for (int i = 0; i < 2; i++) {
      byte[] dots = Slot.of(attributes, FatEntry.DIRECTORY, i == 0 ? cluster : parent, 0);
      Slot.putName(dots, 0, new ShortName(i == 0 ? ".          " : "..         ", 0, true));
      System.arraycopy(dots, 0, slots, i * Slot.BYTES, Slot.BYTES);
    }
    Directory directory = new Directory(volume, cluster, new int[] {cluster}, slots).parsed();
    volume.changes().created(directory);
    return directory;
  }

  private Directory parsed() {
    LongName longName = new LongName();
    int count = slots.length / Slot.BYTES;
    for (end = 0; end < count && !Slot.isEnd(slots, end * Slot.BYTES); end++) {
      int at = end * Slot.BYTES;
      if (Slot.isDeleted(slots, at)) {
        longName.reset();
      } else if (Slot.isLongName(slots, at)) {
        longName.add(slots, at);
      } else {
        if (Slot.isLabel(slots, at)) {
          label = label.isPresent() ? label : Optional.of(ShortName.label(slots, at));
        } else if (!Slot.isDots(slots, at)) {
          String name = longName.text(slots, at);
          add(name, name.isEmpty() ? end : end - longName.slots(), end);
        }
        longName.reset();
      }
    }
    return this;
  }

  /// Knows a file from now on.
  ///
  /// @param longName empty when there is none
  private FatEntry add(String longName, int firstSlot, int slot) {
    int at = slot * Slot.BYTES;
    String shown = ShortName.decode(slots, at);
    FatEntry entry =
        new FatEntry(
            longName.isEmpty() || LongName.isUnspeakable(longName) ? shown : longName,
            ShortName.text(slots, at),
            Slot.attributes(slots, at),
            Slot.cluster(slots, at, volume.geometry().width()),
            (Slot.attributes(slots, at) & FatEntry.DIRECTORY) != 0 ? 0 : Slot.size(slots, at),
            Slot.modified(slots, at),
            first,
            firstSlot,
            slot,
            offset(at) / Slot.BYTES);
    entries.put(slot, entry);
    byName.putIfAbsent(LongName.key(entry.name()), entry);
    byName.putIfAbsent(LongName.key(shown), entry);
    shortNames.add(entry.shortName());
    return entry;
  }

  private void forget(FatEntry entry) {
    entries.remove(entry.slot());
    byName.remove(LongName.key(entry.name()), entry);
    byName.remove(LongName.key(ShortName.decode(entry.shortName())), entry);
    shortNames.remove(entry.shortName());
  }

  /// Where a byte of the directory lies on the disk.
  long offset(int at) {
    Geometry geometry = volume.geometry();
    return first == 0
        ? geometry.rootOffset() + at
        : geometry.offset(clusters[at / geometry.clusterBytes()]) + at % geometry.clusterBytes();
  }

  int first() {
    return first;
  }

  int[] chain() {
    return clusters;
  }

  /// The slots, live.
  byte[] slots() {
    return slots;
  }

  Volume volume() {
    return volume;
  }

  /// The volume's label, when this is the root.
  Optional<String> label() {
    return label;
  }

  /// Bytes on the disk.
  long bytes() {
    return slots.length;
  }

  /// The files in the order of their slots.
  Collection<FatEntry> entries() {
    return entries.values();
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /// The file of this long or short name, whatever its case.
  Optional<FatEntry> find(String name) {
    return Optional.ofNullable(byName.get(LongName.key(name)));
  }

  boolean hasShortName(String text) {
    return shortNames.contains(text);
  }

  /// Finds free slots for a file, growing the directory when there are none.
  ///
  /// @param count slots
  /// @return the first
  int room(String path, int count) throws IOException {
    int at = search(searchFrom, count);
    if (at < 0) {
      at = search(0, count);
    }
    while (at < 0) {
      grow(path);
      at = search(0, count);
    }
    return at;
  }

  /// Free slots one after the other, within one sector where they fit in one.
  private int search(int from, int count) {
    int perSector = volume.geometry().sectorBytes() / Slot.BYTES;
    int total = slots.length / Slot.BYTES;
    int run = 0;
    for (int slot = from; slot < total; slot++) {
      if (count <= perSector && slot % perSector == 0) {
        run = 0;
      }
      run = isFree(slot) ? run + 1 : 0;
      if (run == count) {
        return slot - count + 1;
      }
    }
    return -1;
  }

  /// Free here and on the disk.
  private boolean isFree(int slot) {
    return (slot >= end || Slot.isDeleted(slots, slot * Slot.BYTES))
        && volume.changes().isFreeOnDisk(this, slot);
  }

  private void grow(String path) throws IOException {
    int unit = volume.geometry().clusterBytes();
    if (first == 0 || slots.length + unit > MAX_BYTES) {
      if (volume.changes().hasRemovals(this)) {
        throw new NoSpaceException("FAT file system: %s: its directory is full".formatted(path));
      }
      throw new LimitExceededException(
          "FAT file system: %s: its directory is full, it holds %d slots"
              .formatted(path, slots.length / Slot.BYTES));
    }
    volume.changes().edit(this);
    volume.clusters().append(clusters, 1);
    int next = volume.table().next(clusters[clusters.length - 1]);
    clusters = Arrays.copyOf(clusters, clusters.length + 1);
    clusters[clusters.length - 1] = next;
    slots = Arrays.copyOf(slots, slots.length + unit);
  }

  /// Slots that the file's names take.
  static int slotsFor(String name, ShortName shortName) {
    return shortName.alone() ? 1 : 1 + LongName.slotsFor(name);
  }

  /// Gives a file its names.
  ///
  /// @param from first of the slots that [#room] found
  /// @param fields all but the name
  FatEntry put(int from, String name, ShortName shortName, byte[] fields) {
    volume.changes().edit(this);
    int slot = from + slotsFor(name, shortName) - 1;
    for (; end < from; end++) {
      Slot.delete(slots, end * Slot.BYTES);
    }
    int at = slot * Slot.BYTES;
    System.arraycopy(fields, 0, slots, at, Slot.BYTES);
    Slot.putName(slots, at, shortName);
    if (slot > from) {
      LongName.put(slots, from * Slot.BYTES, name, LongName.sum(slots, at));
    }
    if (slot >= end) {
      end = slot + 1;
      if (end * Slot.BYTES < slots.length) {
        slots[end * Slot.BYTES] = 0;
      }
    }
    searchFrom = slot + 1;
    return add(slot > from ? name : "", from, slot);
  }

  /// The bytes of a file's slot.
  byte[] fields(FatEntry entry) {
    int at = entry.slot() * Slot.BYTES;
    return Arrays.copyOfRange(slots, at, at + Slot.BYTES);
  }

  /// Changes a file's fields; its names stay.
  void update(FatEntry entry, byte[] fields) {
    volume.changes().edit(this);
    int at = entry.slot() * Slot.BYTES;
    System.arraycopy(fields, 11, slots, at + 11, 1);
    System.arraycopy(fields, 13, slots, at + 13, Slot.BYTES - 13);
    boolean hasLongName = entry.firstSlot() < entry.slot();
    forget(entry);
    add(hasLongName ? entry.name() : "", entry.firstSlot(), entry.slot());
  }

  /// Takes away a file's names.
  void remove(FatEntry entry) {
    volume.changes().edit(this);
    for (int slot = entry.firstSlot(); slot <= entry.slot(); slot++) {
      Slot.delete(slots, slot * Slot.BYTES);
    }
    forget(entry);
    searchFrom = Math.min(searchFrom, entry.firstSlot());
  }

  /// Names another directory as the one this is in.
  void setParent(int parent) {
    int at = Slot.BYTES;
    if (slots.length > at && Slot.isDots(slots, at)) {
      volume.changes().edit(this);
      Slot.putContent(slots, at, parent, 0);
    }
  }
}
