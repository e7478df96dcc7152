package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongUnaryOperator;

/// The superblock: of its copies the newest that bears its own checksum. Offsets are those of
/// `struct btrfs_super_block`.
final class Superblock {
  /// Where the copies stand, in bytes.
  static final List<Long> PLACES = List.of(64L << 10, 64L << 20, 256L << 30);

  static final int SIZE = 4096;
  static final int MAX_LEVEL = 7;

  private static final byte[] MAGIC = "_BHRfS_M".getBytes(StandardCharsets.US_ASCII);
  private static final int MAGIC_AT = 0x40;
  private static final int TOTAL = 0x70;
  private static final int DEVICES = 0x88;
  private static final int DEVICE_ITEM = 0xC9;
  private static final int LABEL = 0x12B;
  private static final int LABEL_SIZE = 256;
  private static final int METADATA_UUID = 0x23B;
  private static final int CHUNK_ARRAY = 0x32B;
  private static final int CHUNK_ARRAY_MAX = 2048;

  /// By bit, from the lowest.
  private static final List<String> FEATURES =
      List.of(
          "mixed_backref",
          "default_subvol",
          "mixed_groups",
          "compress_lzo",
          "compress_zstd",
          "big_metadata",
          "extended_iref",
          "raid56",
          "skinny_metadata",
          "no_holes",
          "metadata_uuid",
          "raid1c34",
          "zoned",
          "extent_tree_v2",
          "raid_stripe_tree",
          "bit 15",
          "simple_quota",
          "remap_tree");

  private static final long SIMPLE_QUOTA = 1 << 16;
  private static final long HAS_METADATA_UUID = 1 << 10;
  private static final long READABLE = (1 << 12) - 1 | SIMPLE_QUOTA;
  private static final int FREE_SPACE_TREE_VALID = 3; // the tree, and that it can be trusted
  private static final int BLOCK_GROUP_TREE = 1 << 3;

  private final byte[] bytes;
  private final Checksum checksum;

  private Superblock(byte[] bytes, Checksum checksum) {
    this.bytes = bytes;
    this.checksum = checksum;
  }

  /// True when the first copy's place bears the magic.
  static boolean probe(Disk disk) throws IOException {
    long at = PLACES.getFirst();
    return disk.size() >= at + SIZE && hasMagic(disk.readBytes(at, SIZE));
  }

  private static boolean hasMagic(byte[] bytes) {
    return Arrays.equals(bytes, MAGIC_AT, MAGIC_AT + MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /// The newest copy that is whole. Copies of another file system, left from a former life of the
  /// disk, do not count.
  static Superblock read(Disk disk) throws IOException {
    List<Superblock> whole = new ArrayList<>();
    Optional<UnsupportedFeatureException> unknown = Optional.empty();
    for (long place : PLACES) {
      if (disk.size() - SIZE >= place) {
        try {
          parse(disk.readBytes(place, SIZE), place).ifPresent(whole::add);
        } catch (UnsupportedFeatureException e) {
          unknown = Optional.of(e);
        }
      }
    }
    if (whole.isEmpty()) {
      if (unknown.isPresent()) {
        throw unknown.get();
      }
      throw CorruptImageException.at(
          "btrfs file system", "superblock", PLACES.getFirst(), "no copy with a right checksum", 1);
    }
    UUID first = whole.getFirst().fsid();
    Superblock newest = whole.getFirst();
    for (Superblock copy : whole) {
      boolean newer = Long.compareUnsigned(copy.generation(), newest.generation()) > 0;
      if (newer && copy.fsid().equals(first)) {
        newest = copy;
      }
    }
    newest.check(disk);
    return newest;
  }

  private static Optional<Superblock> parse(byte[] bytes, long place)
      throws UnsupportedFeatureException {
    if (!hasMagic(bytes) || LittleEndian.s64(bytes, 0x30) != place) {
      return Optional.empty();
    }
    Checksum checksum = Checksum.numbered(LittleEndian.u16(bytes, 0xC4));
    return checksum.matches(bytes)
        ? Optional.of(new Superblock(bytes, checksum))
        : Optional.empty();
  }

  private void check(Disk disk) throws IOException {
    refuseUnread();
    require(isPower(sectorSize(), 2048), "sectorsize", sectorSize(), "a power of two");
    boolean node = isPower(nodeSize(), sectorSize());
    require(node, "nodesize", nodeSize(), "a power of two, a sector or more");
    int array = LittleEndian.s32(bytes, 0xA0);
    require(array >= 0 && array <= CHUNK_ARRAY_MAX, "sys_chunk_array_size", array, "<= 2048");
    for (int at = 0xC6; at <= 0xC8; at++) {
      require(bytes[at] >= 0 && bytes[at] <= MAX_LEVEL, "a tree's level", bytes[at], "<= 7");
    }
    long size = deviceSize();
    require(size > 0 && size <= disk.size(), "the device's size", size, "<= " + disk.size());
  }

  private static boolean isPower(int size, int least) {
    return Integer.bitCount(size) == 1 && size >= least && size <= 65536;
  }

  private static void require(boolean right, String field, Object found, Object expected)
      throws CorruptImageException {
    if (!right) {
      throw CorruptImageException.at(
          "btrfs file system", "superblock, " + field, PLACES.getFirst(), found, expected);
    }
  }

  private void refuseUnread() throws UnsupportedFeatureException {
    long unread = incompat() & ~READABLE;
    if (unread != 0) {
      int bit = Long.numberOfTrailingZeros(unread);
      String name = bit < FEATURES.size() ? FEATURES.get(bit) : "incompatible bit " + bit;
      throw new UnsupportedFeatureException("btrfs file system: it uses " + name);
    }
  }

  private long incompat() {
    return LittleEndian.s64(bytes, 0xBC);
  }

  private long compatReadOnly() {
    return LittleEndian.s64(bytes, 0xB4);
  }

  Checksum checksum() {
    return checksum;
  }

  /// The file system's UUID, as `blkid` prints it.
  UUID fsid() {
    return uuid(bytes, 0x20);
  }

  /// The UUID that tree blocks bear.
  UUID metadataUuid() {
    return (incompat() & HAS_METADATA_UUID) != 0 ? uuid(bytes, METADATA_UUID) : fsid();
  }

  /// A UUID's 16 bytes.
  static UUID uuid(byte[] bytes, int at) {
    return new UUID(
        Long.reverseBytes(LittleEndian.s64(bytes, at)),
        Long.reverseBytes(LittleEndian.s64(bytes, at + 8)));
  }

  long generation() {
    return LittleEndian.s64(bytes, 0x48);
  }

  /// Where the root tree's root is.
  TreeRoot rootTree() {
    return new TreeRoot(LittleEndian.s64(bytes, 0x50), bytes[0xC6], generation());
  }

  /// Where the chunk tree's root is.
  TreeRoot chunkTree() {
    return new TreeRoot(LittleEndian.s64(bytes, 0x58), bytes[0xC7], LittleEndian.s64(bytes, 0xA4));
  }

  /// Where the tree of log trees is; empty when nothing awaits replay.
  Optional<TreeRoot> logTree() {
    long at = LittleEndian.s64(bytes, 0x60);
    return at == 0
        ? Optional.empty()
        : Optional.of(new TreeRoot(at, bytes[0xC8], generation() + 1));
  }

  int sectorSize() {
    return LittleEndian.s32(bytes, 0x90);
  }

  int nodeSize() {
    return LittleEndian.s32(bytes, 0x94);
  }

  /// This device's number in the file system.
  long deviceId() {
    return LittleEndian.s64(bytes, DEVICE_ITEM);
  }

  /// Bytes of this device that the file system has.
  long deviceSize() {
    return LittleEndian.s64(bytes, DEVICE_ITEM + 8);
  }

  /// How many devices the file system has.
  long devices() {
    return LittleEndian.s64(bytes, DEVICES);
  }

  /// The same file system on a device of another size, with chunks in other places.
  ///
  /// @param less bytes of the device that chunks take no more
  /// @param moved from a place on the device to what it is now
  Superblock with(long size, long less, LongUnaryOperator moved) throws CorruptImageException {
    byte[] changed = bytes.clone();
    LittleEndian.put64(changed, TOTAL, size);
    resizeDevice(changed, DEVICE_ITEM, size, less);
    byte[] array = chunkArray();
    for (int at = 0; at < array.length; ) { // checked by ChunkMap
      int item = at + Keys.SIZE;
      at = item + Chunk.size(array, item, array.length - item);
      Chunk.move(array, item, moved);
    }
    System.arraycopy(array, 0, changed, CHUNK_ARRAY, array.length);
    return new Superblock(changed, checksum);
  }

  /// Changes a device item: the superblock's, or the one in the chunk tree.
  static void resizeDevice(byte[] bytes, int at, long size, long less) {
    LittleEndian.put64(bytes, at + 8, size);
    LittleEndian.put64(bytes, at + 16, LittleEndian.s64(bytes, at + 16) - less);
  }

  /// The copy for one of [#PLACES].
  byte[] at(long place) {
    byte[] copy = bytes.clone();
    LittleEndian.put64(copy, 0x30, place);
    checksum.seal(copy);
    return copy;
  }

  Optional<String> label() {
    int end = LABEL;
    while (end < LABEL + LABEL_SIZE && bytes[end] != 0) {
      end++;
    }
    return end == LABEL
        ? Optional.empty()
        : Optional.of(GuestNames.decode(Arrays.copyOfRange(bytes, LABEL, end)));
  }

  /// True when the free space tree says what is free.
  boolean freeSpaceTreeValid() {
    return (compatReadOnly() & FREE_SPACE_TREE_VALID) == FREE_SPACE_TREE_VALID;
  }

  /// True when block groups have a tree of their own.
  boolean blockGroupTree() {
    return (compatReadOnly() & BLOCK_GROUP_TREE) != 0;
  }

  /// The chunks that the chunk tree itself lies in: keys and chunk items in turn.
  byte[] chunkArray() {
    return Arrays.copyOfRange(bytes, CHUNK_ARRAY, CHUNK_ARRAY + LittleEndian.s32(bytes, 0xA0));
  }
}
