package io.calco.guest.inspect.packages;

import static io.calco.disk.bytes.BigEndian.s32;
import static io.calco.disk.bytes.BigEndian.u32;

import io.calco.disk.CorruptImageException;
import io.calco.fs.GuestNames;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// A package's header as rpm's databases hold it: two lengths, an index of 16-byte entries, data
/// (LSB 5.0, "Package File Format", header structure, without its magic).
final class RpmHeader {
  private static final int NAME = 1000;
  private static final int VERSION = 1001;
  private static final int RELEASE = 1002;
  private static final int EPOCH = 1003;
  private static final int ARCHITECTURE = 1022;
  private static final long INT32 = 4; // index entry type
  private static final long STRING = 6;
  private static final int ENTRY = 16;
  private static final int MAX_STRING = 1024; // ours, bytes

  private final byte[] blob;
  private final int entries;
  private final int data;

  private RpmHeader(byte[] blob) throws CorruptImageException {
    if (blob.length < 8) {
      throw corrupt("lengths", 0, blob.length + " bytes", "8");
    }
    long count = u32(blob, 0);
    long length = u32(blob, 4);
    if (8 + count * ENTRY + length > blob.length) {
      throw corrupt("lengths", 0, count + " entries, " + length + " bytes", blob.length + " bytes");
    }
    this.blob = blob;
    this.entries = (int) count;
    this.data = 8 + entries * ENTRY;
  }

  /// The package that a header describes.
  static InstalledPackage parse(byte[] blob) throws CorruptImageException {
    RpmHeader header = new RpmHeader(blob);
    Optional<String> name = header.text(NAME);
    if (name.isEmpty()) {
      throw corrupt("index", 8, "no name", "tag " + NAME);
    }
    int epoch = header.find(EPOCH, INT32);
    return new InstalledPackage(
        name.get(),
        epoch < 0 ? OptionalLong.empty() : OptionalLong.of(u32(blob, header.place(epoch, 4))),
        header.text(VERSION).orElse(""),
        header.text(RELEASE),
        header.text(ARCHITECTURE));
  }

  private Optional<String> text(int tag) throws CorruptImageException {
    int entry = find(tag, STRING);
    if (entry < 0) {
      return Optional.empty();
    }
    int from = place(entry, 1);
    int to = from;
    while (blob[to] != 0) {
      to++;
      if (to == blob.length || to - from > MAX_STRING) {
        throw corrupt("string of tag " + tag, from, "no end", "a NUL within " + MAX_STRING);
      }
    }
    return Optional.of(GuestNames.decode(Arrays.copyOfRange(blob, from, to)));
  }

  /// Where the tag's entry is, or -1.
  private int find(int tag, long type) {
    for (int i = 0; i < entries; i++) {
      int at = 8 + i * ENTRY;
      if (s32(blob, at) == tag && u32(blob, at + 4) == type && u32(blob, at + 12) > 0) {
        return at;
      }
    }
    return -1;
  }

  /// Where an entry's value is.
  private int place(int entry, int length) throws CorruptImageException {
    long at = data + u32(blob, entry + 8);
    if (at + length > blob.length) {
      throw corrupt("index entry", entry, "a value at " + at, blob.length + " bytes");
    }
    return (int) at;
  }

  private static CorruptImageException corrupt(
      String structure, long offset, Object found, Object expected) {
    return CorruptImageException.at("rpm header", structure, offset, found, expected);
  }
}
