package io.calco.fs.xfs;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a superblock says the file system uses: its version, and the feature words.
///
/// @param version 4 or 5
/// @param bits the version word of the superblock
/// @param features2 features of version 4
/// @param roCompat version 5: features that a reader need not know
/// @param incompat version 5: features that a reader must know
/// @param logIncompat version 5: features of a log that is not empty
record Features(int version, int bits, int features2, int roCompat, int incompat, int logIncompat) {
  static final int RO_FINOBT = 1;
  static final int RO_RMAPBT = 2;
  static final int RO_REFLINK = 4;
  static final int RO_INOBTCNT = 8;

  static final int IN_FTYPE = 1;
  static final int IN_SPINODES = 2;
  static final int IN_META_UUID = 4;
  static final int IN_BIGTIME = 8;
  static final int IN_NEEDSREPAIR = 0x10;
  static final int IN_NREXT64 = 0x20;
  static final int IN_EXCHRANGE = 0x40;
  static final int IN_PARENT = 0x80;

  private static final int READ_INCOMPAT =
      IN_FTYPE
          | IN_SPINODES
          | IN_META_UUID
          | IN_BIGTIME
          | IN_NEEDSREPAIR
          | IN_NREXT64
          | IN_EXCHRANGE
          | IN_PARENT;
  private static final int WRITE_INCOMPAT =
      READ_INCOMPAT & ~IN_NEEDSREPAIR & ~IN_PARENT & ~IN_EXCHRANGE;
  private static final int WRITE_RO = RO_FINOBT | RO_REFLINK | RO_INOBTCNT;

  private static final int V4_DIRV2 = 0x2000;
  private static final int V4_LOGV2 = 0x400;
  private static final int V4_ASCII_CI = 0x4000;
  private static final int V4_MOREBITS = 0x8000;
  private static final int V4_QUOTA = 0x40;
  private static final int F2_FTYPE = 0x200;

  private static final Map<Integer, String> INCOMPAT_NAMES =
      Map.of(
          IN_NEEDSREPAIR,
          "needsrepair",
          IN_EXCHRANGE,
          "exchange",
          IN_PARENT,
          "parent pointers",
          0x100,
          "metadata directories",
          0x200,
          "zoned",
          0x400,
          "zone gaps");
  private static final Map<Integer, String> RO_NAMES = Map.of(RO_RMAPBT, "rmapbt");

  /// The features of a superblock.
  static Features parse(byte[] sb) throws UnsupportedFeatureException {
    int bits = BigEndian.u16(sb, 100);
    int version = bits & 0xF;
    if (version != 4 && version != 5) {
      throw new UnsupportedFeatureException(
          "xfs file system: version " + version + "; versions 4 and 5 are read");
    }
    boolean five = version == 5;
    Features features =
        new Features(
            version,
            bits,
            (bits & V4_MOREBITS) != 0 ? BigEndian.s32(sb, 200) : 0,
            five ? BigEndian.s32(sb, 212) : 0,
            five ? BigEndian.s32(sb, 216) : 0,
            five ? BigEndian.s32(sb, 220) : 0);
    if ((bits & V4_DIRV2) == 0) {
      throw new UnsupportedFeatureException("xfs file system: directories of version 1");
    }
    int unknown = features.incompat & ~READ_INCOMPAT;
    if (unknown != 0) {
      throw new UnsupportedFeatureException(
          "xfs file system: features that Calco does not read: " + names(unknown, INCOMPAT_NAMES));
    }
    return features;
  }

  private static String names(int bits, Map<Integer, String> known) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < 32; bit++) {
      if ((bits & 1 << bit) != 0) {
        names.add(new TreeMap<>(known).getOrDefault(1 << bit, "bit " + bit));
      }
    }
    return String.join(", ", names);
  }

  /// Refuses what cannot be kept right by a writer.
  void requireWritable() throws UnsupportedFeatureException {
    if (version != 5) {
      throw new UnsupportedFeatureException(
          "xfs file system: version 4 (no checksums): Calco reads it, but does not write it");
    }
    List<String> refused = new ArrayList<>();
    if ((incompat & ~WRITE_INCOMPAT) != 0) {
      refused.add(names(incompat & ~WRITE_INCOMPAT, INCOMPAT_NAMES));
    }
    if ((roCompat & ~WRITE_RO) != 0) {
      refused.add(names(roCompat & ~WRITE_RO, RO_NAMES));
    }
    if ((bits & V4_ASCII_CI) != 0) {
      refused.add("ascii-ci");
    }
    if ((bits & V4_QUOTA) != 0) {
      refused.add("quota");
    }
    if (!refused.isEmpty()) {
      throw new UnsupportedFeatureException(
          "xfs file system: Calco reads it, but does not write it with: "
              + String.join(", ", refused));
    }
  }

  /// Metadata has checksums and says where and whose it is.
  boolean v5() {
    return version == 5;
  }

  boolean hasIncompat(int bit) {
    return (incompat & bit) != 0;
  }

  boolean hasRo(int bit) {
    return (roCompat & bit) != 0;
  }

  /// Directory entries say what kind of file they name.
  boolean fileTypes() {
    return v5() ? hasIncompat(IN_FTYPE) : (features2 & F2_FTYPE) != 0;
  }

  /// The log's records have headers of version 2.
  boolean log2() {
    return (bits & V4_LOGV2) != 0;
  }
}
