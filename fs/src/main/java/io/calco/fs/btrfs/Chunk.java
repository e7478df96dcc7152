package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// A run of logical addresses, and where this device has it.
///
/// @param logical its first byte
/// @param length its bytes
/// @param profile how it is laid out: `single`, `dup`, `raid1` …
/// @param stripes where this device's parts of it begin, in bytes
/// @param stripeLength bytes of each of those parts
/// @param whole each part is a copy of all of the chunk
/// @param dataOnly it holds bytes of files, and no tree
record Chunk(
    long logical,
    long length,
    String profile,
    List<Long> stripes,
    long stripeLength,
    boolean whole,
    boolean dataOnly) {
  private static final int FIXED = 48;
  private static final int STRIPE = 32;
  private static final long DATA = 1;
  private static final long KINDS = 7; // data, system, metadata
  private static final long RAID0 = 1 << 3;
  private static final long RAID10 = 1 << 6;
  private static final long RAID5 = 1 << 7;
  private static final long RAID6 = 1 << 8;
  private static final long KNOWN = 0x7FF;

  /// By bit, from 2³.
  private static final List<String> PROFILES =
      List.of("raid0", "raid1", "dup", "raid10", "raid5", "raid6", "raid1c3", "raid1c4");

  Chunk {
    stripes = List.copyOf(stripes);
  }

  long end() {
    return logical + length;
  }

  /// Bytes of the chunk item that begins at `at`, of which there may be `limit`.
  static int size(byte[] bytes, int at, int limit) throws CorruptImageException {
    int size = limit < FIXED ? -1 : FIXED + STRIPE * LittleEndian.u16(bytes, at + 44);
    if (size <= FIXED || size > limit) {
      throw new CorruptImageException(
          "btrfs file system: chunk item: found %d bytes, expected %d"
              .formatted(limit, Math.max(size, FIXED + STRIPE)));
    }
    return size;
  }

  /// Reads a chunk item whose size was checked.
  ///
  /// @param logical of its key
  /// @param device this device's number
  static Chunk parse(byte[] bytes, int at, long logical, long device) throws CorruptImageException {
    long length = LittleEndian.s64(bytes, at);
    long type = LittleEndian.s64(bytes, at + 24);
    int count = LittleEndian.u16(bytes, at + 44);
    if (length <= 0 || logical < 0 || logical > Long.MAX_VALUE - length) {
      throw CorruptImageException.at(
          "btrfs file system", "chunk", logical, length + " bytes", "a length that fits");
    }
    long parts = dataStripes(type, count, LittleEndian.u16(bytes, at + 46));
    List<Long> stripes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int stripe = at + FIXED + i * STRIPE;
      if (LittleEndian.s64(bytes, stripe) == device) {
        long physical = LittleEndian.s64(bytes, stripe + 8);
        if (physical < 0 || physical > Long.MAX_VALUE - length) {
          throw CorruptImageException.at(
              "btrfs file system", "chunk's stripe", logical, physical, "a place on the device");
        }
        stripes.add(physical);
      }
    }
    boolean known = (type & ~KNOWN) == 0;
    return new Chunk(
        logical,
        length,
        profile(type),
        stripes,
        known && parts > 0 ? Math.ceilDiv(length, parts) : length,
        known && parts == 1,
        (type & KINDS) == DATA);
  }

  /// Writes other places into a chunk item whose size was checked.
  ///
  /// @param moved from a place on the device to what it is now
  static void move(byte[] bytes, int at, LongUnaryOperator moved) {
    int count = LittleEndian.u16(bytes, at + 44);
    for (int i = 0; i < count; i++) {
      int place = at + FIXED + i * STRIPE + 8;
      LittleEndian.put64(bytes, place, moved.applyAsLong(LittleEndian.s64(bytes, place)));
    }
  }

  /// How many stripes hold different data; at most 0 when that makes no sense.
  private static long dataStripes(long type, int count, int subStripes) {
    if ((type & RAID0) != 0) {
      return count;
    } else if ((type & RAID10) != 0) {
      return subStripes == 0 ? 0 : count / subStripes;
    } else if ((type & (RAID5 | RAID6)) != 0) {
      // Never "whole": with parity, where a byte lies changes from stripe to stripe.
      int parity = (type & RAID5) != 0 ? 1 : 2;
      return count - parity > 1 ? count - parity : 0;
    }
    return 1;
  }

  private static String profile(long type) {
    if ((type & ~KNOWN) != 0) {
      return "profile 0x" + Long.toHexString(type);
    }
    int bit = Long.numberOfTrailingZeros(type >> 3);
    return bit < PROFILES.size() ? PROFILES.get(bit) : "single";
  }

  /// Where the copies of the whole chunk begin on this device: one or more.
  ///
  /// @throws UnsupportedFeatureException when this device does not have all of it
  List<Long> copies() throws UnsupportedFeatureException {
    if (!whole) {
      throw new UnsupportedFeatureException(
          "btrfs file system: %s: its bytes are spread over several devices".formatted(profile));
    }
    if (stripes.isEmpty()) {
      throw new UnsupportedFeatureException(
          "btrfs file system: %s: what is asked for lies on another device".formatted(profile));
    }
    return stripes;
  }
}
