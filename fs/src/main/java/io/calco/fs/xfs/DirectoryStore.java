package io.calco.fs.xfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import io.calco.fs.GuestNames;
import io.calco.fs.xfs.DirectoryFormat.Item;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Stores a directory from its entries in memory. An entry keeps its place in the directory's file
/// as long as it is there, so that blocks without a change come out as they were and are not
/// written; the index behind them is made anew.
final class DirectoryStore {
  private static final long SHORT_NUMBER = 0xFFFFFFFFL;

  private final Volume volume;
  private final Geometry geometry;
  private final Inode directory;
  private final long parent;

  /// @param parent the directory's parent, what `..` names
  DirectoryStore(Volume volume, Inode directory, long parent) {
    this.volume = volume;
    this.geometry = volume.geometry;
    this.directory = directory;
    this.parent = parent;
  }

  /// What `..` names in a directory as it is stored.
  static long parentOf(Volume volume, Inode directory) throws IOException {
    if (directory.format() == Inode.LOCAL) {
      return DirectoryFormat.shortParent(directory);
    }
    byte[] block = new DirectoryBlocks(volume, directory).read(0);
    long[] found = {0};
    DirectoryFormat.readData(
        volume.geometry,
        directory.number(),
        block,
        0,
        item -> {
          if (item.name().equals("..")) {
            found[0] = item.inode();
          }
        });
    return found[0];
  }

  private int header() {
    return DirectoryFormat.dataHeader(geometry);
  }

  private int size(Item item) {
    return DirectoryFormat.entrySize(geometry, item.nameLength());
  }

  /// Stores the entries, in the shortest form that takes them. The caller stores the inode.
  void store(SequencedMap<String, Item> entries) throws IOException {
    if (storeShort(entries)) {
      return;
    }
    List<Item> placed = place(entries);
    Item last = placed.getLast();
    long end = last.offset() + size(last);
    boolean one = end <= geometry.directorySize() - 8L - 8L * placed.size();
    new DirectoryLayout(volume, directory).store(placed, one);
    refresh(entries, placed);
  }

  private static void refresh(SequencedMap<String, Item> entries, List<Item> placed) {
    for (Item item : placed) {
      if (entries.containsKey(item.name())) {
        entries.put(item.name(), item);
      }
    }
  }

  private boolean storeShort(SequencedMap<String, Item> entries) throws IOException {
    if (entries.size() > 254) {
      return false;
    }
    long wideNumbers =
        entries.values().stream().filter(item -> item.inode() > SHORT_NUMBER).count();
    boolean wide = parent > SHORT_NUMBER || wideNumbers > 0;
    int number = wide ? 8 : 4;
    int type = geometry.features.fileTypes() ? 1 : 0;
    int size = 2 + number;
    for (Item item : entries.values()) {
      size += 3 + item.nameLength() + type + number;
    }
    if (size > directory.dataForkSize()) {
      return false;
    }
    byte[] raw = new byte[size];
    raw[0] = (byte) entries.size();
    raw[1] = (byte) (wideNumbers + (parent > SHORT_NUMBER ? 1 : 0));
    putNumber(raw, 2, number, parent);
    int at = 2 + number;
    int offset = header() + 2 * DirectoryFormat.entrySize(geometry, 2);
    for (Item item : List.copyOf(entries.values())) {
      byte[] name = GuestNames.encode(item.name());
      raw[at] = (byte) name.length;
      BigEndian.put16(raw, at + 1, offset);
      System.arraycopy(name, 0, raw, at + 3, name.length);
      at += 3 + name.length;
      if (type == 1) {
        raw[at++] = (byte) item.type();
      }
      putNumber(raw, at, number, item.inode());
      at += number;
      entries.put(item.name(), item.at(offset));
      offset += DirectoryFormat.entrySize(geometry, name.length);
    }
    new DirectoryLayout(volume, directory).storeShort(raw);
    return true;
  }

  private static void putNumber(byte[] raw, int at, int size, long number) {
    if (size == 8) {
      BigEndian.put64(raw, at, number);
    } else {
      BigEndian.put32(raw, at, number);
    }
  }

  /// Gives every entry a place: those with one keep it, the others go where there is room first.
  /// Entries of a short form have none yet.
  ///
  /// @return all entries with `.` and `..`, by place
  private List<Item> place(SequencedMap<String, Item> entries) throws IOException {
    int dot = DirectoryFormat.entrySize(geometry, 1);
    TreeMap<Long, Item> places = new TreeMap<>();
    places.put((long) header(), Item.of(".", directory.number(), 2, header()));
    places.put((long) header() + dot, Item.of("..", parent, 2, header() + dot));
    List<Item> fresh = new ArrayList<>();
    for (Item item : entries.values()) {
      if (directory.format() == Inode.LOCAL || item.offset() < header() + 2L * dot) {
        fresh.add(item);
      } else {
        places.put(item.offset(), item);
      }
    }
    for (Item item : fresh) {
      long at = room(places, size(item));
      if (at >= DirectoryFormat.INDEX_AT) {
        throw new LimitExceededException("xfs file system: a directory is full");
      }
      places.put(at, item.at(at));
    }
    return new ArrayList<>(places.values());
  }

  /// The first room of `size` bytes.
  private long room(NavigableMap<Long, Item> places, int size) {
    long block = geometry.directorySize();
    long last = places.lastKey() / block;
    for (long index = 0; index <= last; index++) {
      long next = index * block + header();
      for (var place : places.subMap(next, (index + 1) * block).entrySet()) {
        if (place.getKey() - next >= size) {
          return next;
        }
        next = place.getKey() + size(place.getValue());
      }
      long end = (index + 1) * block;
      if (end - next >= size) {
        return next;
      }
    }
    return (last + 1) * block + header();
  }
}
