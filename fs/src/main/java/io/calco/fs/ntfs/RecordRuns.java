package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// A file record in which attributes lie elsewhere, all else as it was.
final class RecordRuns {
  private static final int END_SIZE = 8;

  private RecordRuns() {}

  /// What an attribute gets instead.
  ///
  /// @param runs where it lies
  /// @param sizes where they change
  record Extent(RunList runs, Optional<Content.Sizes> sizes) {
    Extent(RunList runs) {
      this(runs, Optional.empty());
    }
  }

  /// Bytes that are free in a record.
  static int room(MftRecord record) {
    int end = LittleEndian.u16(record.bytes(), 0x14) + END_SIZE;
    for (Attribute attribute : record.attributes()) {
      end += attribute.length();
    }
    return record.bytes().length - end;
  }

  /// Bytes that an attribute takes with these runs.
  static int length(Attribute attribute, RunList runs) {
    return attribute.pairsAt() + runs.encode().length + 7 & ~7;
  }

  /// The record's bytes.
  ///
  /// @param extents by where the attribute stood; there is room for them
  static byte[] rewritten(MftRecord record, Map<Integer, Extent> extents)
      throws CorruptImageException {
    byte[] old = record.bytes();
    byte[] bytes = new byte[old.length];
    int at = LittleEndian.u16(old, 0x14);
    System.arraycopy(old, 0, bytes, 0, at);
    for (Attribute attribute : record.attributes()) {
      Extent extent = extents.get(attribute.at());
      byte[] image =
          extent == null
              ? Arrays.copyOfRange(old, attribute.at(), attribute.at() + attribute.length())
              : image(attribute, extent);
      if (at + image.length + END_SIZE > bytes.length) {
        throw Volume.corrupt("attributes", record.number(), "more", "what has room");
      }
      System.arraycopy(image, 0, bytes, at, image.length);
      at += image.length;
    }
    LittleEndian.put32(bytes, at, AttributeType.END);
    LittleEndian.put32(bytes, 0x18, at + END_SIZE);
    return bytes;
  }

  private static byte[] image(Attribute attribute, Extent extent) {
    byte[] image = new byte[length(attribute, extent.runs())];
    byte[] pairs = extent.runs().encode();
    System.arraycopy(attribute.record().bytes(), attribute.at(), image, 0, attribute.pairsAt());
    System.arraycopy(pairs, 0, image, attribute.pairsAt(), pairs.length);
    LittleEndian.put32(image, 4, image.length);
    LittleEndian.put64(image, 0x18, extent.runs().end() - 1);
    extent
        .sizes()
        .ifPresent(sizes -> {
          LittleEndian.put64(image, 0x28, sizes.allocated());
          LittleEndian.put64(image, 0x30, sizes.data());
          LittleEndian.put64(image, 0x38, sizes.initialized());
          boolean packed = (attribute.flags() & (Attribute.COMPRESSED | Attribute.SPARSE)) != 0;
          if (packed && attribute.pairsAt() >= 0x48 && extent.runs().allocated() == 0) {
            LittleEndian.put64(image, 0x40, 0);
          }
        });
    return image;
  }
}
