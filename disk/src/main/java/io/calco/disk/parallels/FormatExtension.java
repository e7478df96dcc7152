package io.calco.disk.parallels;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The format extension: one cluster of features that old programs do not know.
final class FormatExtension {
  private static final long MAGIC = 0xab234cef23dcea87L;
  private static final long DIRTY_BITMAP = 0x20385fae252cb34aL;

  private static final int CHECKSUM = 8;
  private static final int FEATURES = 24;
  private static final int FEATURE_HEADER = 24;
  private static final int FEATURE_DATA_SIZE = 16;
  private static final int BITMAP_ID = 8;
  private static final int BITMAP_GRANULARITY = 24;
  private static final int BITMAP_HEADER = 32;

  /// A dirty bitmap.
  ///
  /// @param id what a backup program calls it
  /// @param granularity guest bytes that a bit stands for
  record Bitmap(String id, long granularity) {}

  private FormatExtension() {}

  /// The facts for [io.calco.disk.FormatInfo#specific]. A broken extension has none: it says
  /// nothing of the guest's bytes, and verifying tells of it.
  static Map<String, Object> facts(HostFile file, ParallelsHeader header) throws IOException {
    List<Bitmap> bitmaps;
    try {
      bitmaps = bitmaps(file, header);
    } catch (CorruptImageException e) {
      return Map.of();
    }
    List<Object> all = new ArrayList<>();
    for (Bitmap bitmap : bitmaps) {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("name", bitmap.id());
      facts.put("granularity", bitmap.granularity());
      all.add(facts);
    }
    return all.isEmpty() ? Map.of() : Map.of("bitmaps", all);
  }

  /// The dirty bitmaps that the extension lists; what else it holds is left out.
  ///
  /// @throws CorruptImageException when it breaks its rules
  static List<Bitmap> bitmaps(HostFile file, ParallelsHeader header) throws IOException {
    List<Bitmap> bitmaps = new ArrayList<>();
    if (header.extensionOffset() == 0) {
      return bitmaps;
    }
    MemorySegment cluster = read(file, header);
    long at = FEATURES;
    while (true) {
      expect(file, header, cluster.byteSize() - at >= FEATURE_HEADER, at, "its end", "a feature");
      long magic = cluster.get(ParallelsHeader.U64, at);
      if (magic == 0) {
        return bitmaps;
      }
      long size = Integer.toUnsignedLong(cluster.get(ParallelsHeader.U32, at + FEATURE_DATA_SIZE));
      long data = at + FEATURE_HEADER;
      expect(
          file, header, size <= cluster.byteSize() - data, at, size + " bytes", "its data within");
      if (magic == DIRTY_BITMAP) {
        expect(file, header, size >= BITMAP_HEADER, at, size + " bytes", "a dirty bitmap");
        bitmaps.add(bitmap(cluster.asSlice(data, size)));
      }
      at = data + (size + 7) / 8 * 8;
    }
  }

  private static MemorySegment read(HostFile file, ParallelsHeader header) throws IOException {
    long length = Math.min(header.clusterSize(), file.size() - header.extensionOffset());
    expect(file, header, length >= FEATURES, 0, length + " bytes", "a whole cluster");
    byte[] bytes = new byte[Math.toIntExact(length)];
    MemorySegment cluster = MemorySegment.ofArray(bytes);
    file.read(header.extensionOffset(), cluster);
    long magic = cluster.get(ParallelsHeader.U64, 0);
    expect(file, header, magic == MAGIC, 0, "magic 0x%x".formatted(magic), "its magic");
    MessageDigest md5;
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
    md5.update(bytes, FEATURES, bytes.length - FEATURES);
    MemorySegment stored = cluster.asSlice(CHECKSUM, FEATURES - CHECKSUM);
    expect(
        file,
        header,
        stored.mismatch(MemorySegment.ofArray(md5.digest())) < 0,
        CHECKSUM,
        "another checksum",
        "the MD5 of its content");
    return cluster;
  }

  private static Bitmap bitmap(MemorySegment data) {
    byte[] id = data.asSlice(BITMAP_ID, 16).toArray(ValueLayout.JAVA_BYTE);
    long sectors = Integer.toUnsignedLong(data.get(ParallelsHeader.U32, BITMAP_GRANULARITY));
    return new Bitmap(HexFormat.of().formatHex(id), sectors * ParallelsHeader.SECTOR);
  }

  private static void expect(
      HostFile file, ParallelsHeader header, boolean holds, long at, String found, String expected)
      throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          file.name(),
          "Parallels format extension",
          header.extensionOffset() + at,
          found,
          expected);
    }
  }
}
