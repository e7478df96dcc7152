package io.calco.fs.iso9660;

import static io.calco.fs.iso9660.IsoImage.SECTOR;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All directories of an image in one form of names, with the tables that list them.
final class IsoTree {
  private static final int RECORD = 33;
  private static final int DIRECTORY = 0x02;
  private static final byte[] SELF = {0};
  private static final byte[] PARENT = {1};

  private final IsoImage.NameForm form;
  private final List<IsoNode> directories;
  private final Instant time;
  private final Map<IsoNode, Integer> sectors = new HashMap<>();
  private final Map<IsoNode, Integer> lengths = new HashMap<>();
  private final Map<IsoNode, Integer> numbers = new HashMap<>();
  private int littleTable;
  private int bigTable;
  private int continuation;

  /// @param directories in the order of the path table
  IsoTree(IsoImage.NameForm form, List<IsoNode> directories, Instant time) {
    this.form = form;
    this.directories = directories;
    this.time = time;
  }

  IsoImage.NameForm form() {
    return form;
  }

  /// Finds a place for everything but the files' content.
  ///
  /// @param first sector
  /// @return the sector behind
  int place(int first) {
    int next = first;
    littleTable = next;
    next += IsoImage.sectors(tableLength());
    bigTable = next;
    next += IsoImage.sectors(tableLength());
    continuation = next;
    next += form instanceof IsoImage.PlainNames ? 1 : 0;
    for (int i = 0; i < directories.size(); i++) {
      IsoNode directory = directories.get(i);
      numbers.put(directory, i + 1);
      sectors.put(directory, next);
      int length = length(directory);
      lengths.put(directory, length);
      next += length / SECTOR;
    }
    return next;
  }

  int tableLength() {
    int length = 0;
    for (IsoNode directory : directories) {
      int name = tableName(directory).length;
      length += 8 + name + name % 2;
    }
    return length;
  }

  private byte[] tableName(IsoNode directory) {
    return isRoot(directory) ? SELF : form.identifier(directory);
  }

  private static boolean isRoot(IsoNode directory) {
    return directory.parent() == directory;
  }

  int littleTable() {
    return littleTable;
  }

  int bigTable() {
    return bigTable;
  }

  private static int recordLength(byte[] name, byte[] systemUse) {
    int length = RECORD + name.length + (name.length + 1) % 2 + systemUse.length;
    return length + length % 2;
  }

  /// Bytes of a directory: whole sectors, no record in two of them.
  private int length(IsoNode directory) {
    int at = recordLength(SELF, selfUse(directory));
    at += recordLength(PARENT, form.systemUse(directory.parent(), time));
    for (IsoNode child : directory.sorted(form)) {
      int length = recordLength(form.identifier(child), form.systemUse(child, time));
      at = fitting(at, length) + length;
    }
    return IsoImage.sectors(at) * SECTOR;
  }

  private static int fitting(int at, int length) {
    return at % SECTOR + length > SECTOR ? at - at % SECTOR + SECTOR : at;
  }

  private byte[] selfUse(IsoNode directory) {
    return isRoot(directory) ? form.rootUse(time, continuation) : form.systemUse(directory, time);
  }

  void put(byte[] image) {
    int little = littleTable * SECTOR;
    int big = bigTable * SECTOR;
    for (IsoNode directory : directories) {
      byte[] name = tableName(directory);
      int parent = numbers.getOrDefault(directory.parent(), 1);
      image[little] = (byte) name.length;
      image[big] = (byte) name.length;
      LittleEndian.put32(image, little + 2, sector(directory));
      BigEndian.put32(image, big + 2, sector(directory));
      LittleEndian.put16(image, little + 6, parent);
      BigEndian.put16(image, big + 6, parent);
      System.arraycopy(name, 0, image, little + 8, name.length);
      System.arraycopy(name, 0, image, big + 8, name.length);
      little += 8 + name.length + name.length % 2;
      big += 8 + name.length + name.length % 2;
    }
    if (form instanceof IsoImage.PlainNames) {
      byte[] reference = RockRidgeFields.reference();
      System.arraycopy(reference, 0, image, continuation * SECTOR, reference.length);
    }
    directories.forEach(directory -> put(image, directory));
  }

  private int sector(IsoNode directory) {
    return sectors.getOrDefault(directory, 0);
  }

  private void put(byte[] image, IsoNode directory) {
    int start = sector(directory) * SECTOR;
    int at = start + putRecord(image, start, directory, SELF, selfUse(directory));
    byte[] parentUse = form.systemUse(directory.parent(), time);
    at += putRecord(image, at, directory.parent(), PARENT, parentUse);
    for (IsoNode child : directory.sorted(form)) {
      byte[] name = form.identifier(child);
      byte[] systemUse = form.systemUse(child, time);
      at = fitting(at, recordLength(name, systemUse));
      at += putRecord(image, at, child, name, systemUse);
    }
  }

  /// The root's record as the volume descriptor has it.
  void putRoot(byte[] image, int at) {
    putRecord(image, at, directories.getFirst(), SELF, new byte[0]);
  }

  private int putRecord(byte[] image, int at, IsoNode node, byte[] name, byte[] systemUse) {
    int length = recordLength(name, systemUse);
    int sector = node.isDirectory() ? sector(node) : node.contentSector();
    int bytes = node.isDirectory() ? lengths.getOrDefault(node, 0) : node.content().length;
    image[at] = (byte) length;
    putBoth32(image, at + 2, sector);
    putBoth32(image, at + 10, bytes);
    putTime(image, at + 18, time);
    image[at + 25] = (byte) (node.isDirectory() ? DIRECTORY : 0);
    putBoth16(image, at + 28, 1);
    image[at + 32] = (byte) name.length;
    System.arraycopy(name, 0, image, at + RECORD, name.length);
    int use = at + RECORD + name.length + (name.length + 1) % 2;
    System.arraycopy(systemUse, 0, image, use, systemUse.length);
    return length;
  }

  static void putBoth32(byte[] image, int at, int value) {
    LittleEndian.put32(image, at, value);
    BigEndian.put32(image, at + 4, value);
  }

  static void putBoth16(byte[] image, int at, int value) {
    LittleEndian.put16(image, at, value);
    BigEndian.put16(image, at + 2, value);
  }

  /// A time in 7 bytes, UTC.
  static void putTime(byte[] image, int at, Instant time) {
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    image[at] = (byte) Math.clamp(utc.getYear() - 1900, 0, 255);
    image[at + 1] = (byte) utc.getMonthValue();
    image[at + 2] = (byte) utc.getDayOfMonth();
    image[at + 3] = (byte) utc.getHour();
    image[at + 4] = (byte) utc.getMinute();
    image[at + 5] = (byte) utc.getSecond();
  }
}
