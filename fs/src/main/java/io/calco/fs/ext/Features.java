package io.calco.fs.ext;

import io.calco.disk.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The three feature words of a superblock.
///
/// @param compat bits that a reader and writer may ignore
/// @param incompat bits that a reader must know
/// @param roCompat bits that a writer must know
record Features(int compat, int incompat, int roCompat) {
  static final int COMPAT_HAS_JOURNAL = 0x4;
  static final int COMPAT_EXT_ATTR = 0x8;
  static final int COMPAT_RESIZE_INODE = 0x10;
  static final int COMPAT_DIR_INDEX = 0x20;
  static final int COMPAT_SPARSE_SUPER2 = 0x200;
  static final int COMPAT_STABLE_INODES = 0x800;
  static final int COMPAT_ORPHAN_FILE = 0x1000;

  static final int INCOMPAT_FILETYPE = 0x2;
  static final int INCOMPAT_RECOVER = 0x4;
  static final int INCOMPAT_JOURNAL_DEV = 0x8;
  static final int INCOMPAT_META_BG = 0x10;
  static final int INCOMPAT_EXTENTS = 0x40;
  static final int INCOMPAT_64BIT = 0x80;
  static final int INCOMPAT_MMP = 0x100;
  static final int INCOMPAT_FLEX_BG = 0x200;
  static final int INCOMPAT_EA_INODE = 0x400;
  static final int INCOMPAT_CSUM_SEED = 0x2000;
  static final int INCOMPAT_LARGEDIR = 0x4000;
  static final int INCOMPAT_INLINE_DATA = 0x8000;
  static final int INCOMPAT_CASEFOLD = 0x20000;

  static final int RO_COMPAT_SPARSE_SUPER = 0x1;
  static final int RO_COMPAT_LARGE_FILE = 0x2;
  static final int RO_COMPAT_HUGE_FILE = 0x8;
  static final int RO_COMPAT_GDT_CSUM = 0x10;
  static final int RO_COMPAT_DIR_NLINK = 0x20;
  static final int RO_COMPAT_EXTRA_ISIZE = 0x40;
  static final int RO_COMPAT_BIGALLOC = 0x200;
  static final int RO_COMPAT_METADATA_CSUM = 0x400;
  static final int RO_COMPAT_VERITY = 0x8000;
  static final int RO_COMPAT_ORPHAN_PRESENT = 0x10000;

  private static final int READABLE =
      INCOMPAT_FILETYPE
          | INCOMPAT_RECOVER
          | INCOMPAT_META_BG
          | INCOMPAT_EXTENTS
          | INCOMPAT_64BIT
          | INCOMPAT_MMP
          | INCOMPAT_FLEX_BG
          | INCOMPAT_EA_INODE
          | INCOMPAT_CSUM_SEED
          | INCOMPAT_LARGEDIR
          | INCOMPAT_INLINE_DATA
          | INCOMPAT_CASEFOLD;
  private static final int WRITABLE =
      READABLE & ~(INCOMPAT_MMP | INCOMPAT_EA_INODE | INCOMPAT_LARGEDIR | INCOMPAT_CASEFOLD);
  private static final int RO_WRITABLE =
      RO_COMPAT_SPARSE_SUPER
          | RO_COMPAT_LARGE_FILE
          | RO_COMPAT_HUGE_FILE
          | RO_COMPAT_GDT_CSUM
          | RO_COMPAT_DIR_NLINK
          | RO_COMPAT_EXTRA_ISIZE
          | RO_COMPAT_METADATA_CSUM
          | RO_COMPAT_VERITY
          | RO_COMPAT_ORPHAN_PRESENT;

  /// What ext3 and ext2 have; anything more makes it ext4, as blkid says.
  private static final int EXT3_INCOMPAT = INCOMPAT_FILETYPE | INCOMPAT_RECOVER | INCOMPAT_META_BG;

  private static final int EXT3_RO_COMPAT = RO_COMPAT_SPARSE_SUPER | RO_COMPAT_LARGE_FILE | 0x4;

  private static final Map<Integer, String> INCOMPAT_NAMES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(0x1, "compression"),
              Map.entry(INCOMPAT_JOURNAL_DEV, "journal_dev"),
              Map.entry(INCOMPAT_MMP, "mmp"),
              Map.entry(INCOMPAT_EA_INODE, "ea_inode"),
              Map.entry(0x1000, "dirdata"),
              Map.entry(INCOMPAT_LARGEDIR, "large_dir"),
              Map.entry(0x10000, "encrypt"),
              Map.entry(INCOMPAT_CASEFOLD, "casefold")));
  private static final Map<Integer, String> RO_COMPAT_NAMES =
      new TreeMap<>(
          Map.of(
              0x80,
              "snapshot",
              0x100,
              "quota",
              RO_COMPAT_BIGALLOC,
              "bigalloc",
              0x800,
              "replica",
              0x1000,
              "read-only",
              0x2000,
              "project",
              0x4000,
              "shared_blocks"));

  boolean hasCompat(int bit) {
    return (compat & bit) != 0;
  }

  boolean hasIncompat(int bit) {
    return (incompat & bit) != 0;
  }

  boolean hasRoCompat(int bit) {
    return (roCompat & bit) != 0;
  }

  /// True when all metadata carries CRC-32C.
  boolean metadataChecksums() {
    return hasRoCompat(RO_COMPAT_METADATA_CSUM);
  }

  /// True when group descriptors carry a checksum, and so groups may be uninitialised.
  boolean descriptorChecksums() {
    return hasRoCompat(RO_COMPAT_METADATA_CSUM | RO_COMPAT_GDT_CSUM);
  }

  /// The kernel's name for a file system with these features.
  String typeName() {
    if ((incompat & ~EXT3_INCOMPAT) != 0 || (roCompat & ~EXT3_RO_COMPAT) != 0) {
      return "ext4";
    }
    return hasCompat(COMPAT_HAS_JOURNAL) ? "ext3" : "ext2";
  }

  /// @throws UnsupportedFeatureException naming the features that cannot be read
  void requireReadable() throws UnsupportedFeatureException {
    List<String> names = new ArrayList<>();
    collect(incompat & ~READABLE, "incompat", INCOMPAT_NAMES, names);
    if (!names.isEmpty()) {
      throw new UnsupportedFeatureException(
          "%s file system: features that cannot be read: %s"
              .formatted(typeName(), String.join(", ", names)));
    }
  }

  /// @throws UnsupportedFeatureException naming the features that cannot be written
  void requireWritable() throws UnsupportedFeatureException {
    requireReadable();
    List<String> names = new ArrayList<>();
    collect(incompat & ~WRITABLE, "incompat", INCOMPAT_NAMES, names);
    collect(roCompat & ~RO_WRITABLE, "ro_compat", RO_COMPAT_NAMES, names);
    if (!names.isEmpty()) {
      throw new UnsupportedFeatureException(
          "%s file system: features that cannot be written: %s"
              .formatted(typeName(), String.join(", ", names)));
    }
  }

  private static void collect(int bits, String word, Map<Integer, String> names, List<String> out) {
    for (int rest = bits; rest != 0; rest &= rest - 1) {
      int bit = Integer.lowestOneBit(rest);
      out.add(names.getOrDefault(bit, "unknown " + word + " bit 0x" + Integer.toHexString(bit)));
    }
  }
}
