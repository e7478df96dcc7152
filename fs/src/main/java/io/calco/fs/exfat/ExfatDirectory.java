package io.calco.fs.exfat;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.fat.DosTime;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A directory, read whole.
final class ExfatDirectory {
  private static final int ENTRY = 32;
  private static final int BYTES_MAX = 256 << 20; // the specification's
  private static final int FIRST_READ = 1 << 16;
  private static final int USED = 0x80;
  private static final int BITMAP = 0x81;
  private static final int UP_CASE = 0x82;
  private static final int LABEL = 0x83;
  private static final int FILE = 0x85;
  private static final int STREAM = 0xC0;
  private static final int NAME = 0xC1;
  private static final int UNITS_PER_NAME = 15;
  private static final int LABEL_MAX = 11;

  private final byte[] bytes;
  private final List<ExfatEntry> entries = new ArrayList<>();
  private final Map<String, ExfatEntry> byName = new HashMap<>();
  private final List<Clusters.Stream> bitmaps = new ArrayList<>();
  private Optional<Clusters.Stream> upCase = Optional.empty();
  private Optional<String> label = Optional.empty();

  private ExfatDirectory(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Reads a directory up to the mark that ends it.
  ///
  /// @param names what names are compared by
  static ExfatDirectory load(Clusters clusters, Clusters.Stream stream, UpCase names)
      throws IOException {
    if (stream.length() > BYTES_MAX) {
      throw new LimitExceededException(
          "exFAT: a directory of %d bytes, the limit is %d".formatted(stream.length(), BYTES_MAX));
    }
    byte[] bytes = new byte[0];
    while (bytes.length < stream.length() && !hasEnd(bytes)) {
      int from = bytes.length;
      int to = (int) Math.min(stream.length(), Math.max(FIRST_READ, 2L * from));
      bytes = Arrays.copyOf(bytes, to);
      clusters.read(stream, from, MemorySegment.ofArray(bytes).asSlice(from));
    }
    ExfatDirectory directory = new ExfatDirectory(bytes);
    directory.parse(stream, names);
    return directory;
  }

  private static boolean hasEnd(byte[] bytes) {
    for (int at = 0; at < bytes.length; at += ENTRY) {
      if (bytes[at] == 0) {
        return true;
      }
    }
    return false;
  }

  private void parse(Clusters.Stream stream, UpCase names) {
    for (int at = 0; at + ENTRY <= bytes.length && bytes[at] != 0; at += ENTRY) {
      switch (LittleEndian.u8(bytes, at)) {
        case BITMAP -> bitmaps.add(streamAt(at, false));
        case UP_CASE -> upCase = Optional.of(streamAt(at, false));
        case LABEL -> {
          int length = Math.min(LABEL_MAX, LittleEndian.u8(bytes, at + 1));
          label = Optional.of(new String(bytes, at + 2, 2 * length, StandardCharsets.UTF_16LE));
        }
        case FILE -> file(stream, at, names);
        default -> {}
      }
    }
  }

  private Clusters.Stream streamAt(int at, boolean contiguous) {
    return new Clusters.Stream(
        LittleEndian.u32(bytes, at + 20), contiguous, LittleEndian.s64(bytes, at + 24));
  }

  /// Takes a file's set of entries; one that is not whole is none.
  private void file(Clusters.Stream directory, int at, UpCase names) {
    int more = LittleEndian.u8(bytes, at + 1);
    int end = at + (more + 1) * ENTRY;
    int info = at + ENTRY;
    boolean isWhole =
        more >= 2
            && end <= bytes.length
            && LittleEndian.u8(bytes, info) == STREAM
            && LittleEndian.u16(bytes, at + 2) == sum(at, end);
    if (!isWhole) {
      return;
    }
    int length = LittleEndian.u8(bytes, info + 3);
    StringBuilder name = new StringBuilder();
    for (int part = info + ENTRY; part < end && name.length() < length; part += ENTRY) {
      if (LittleEndian.u8(bytes, part) != NAME) {
        return;
      }
      int units = Math.min(UNITS_PER_NAME, length - name.length());
      for (int i = 0; i < units; i++) {
        name.append((char) LittleEndian.u16(bytes, part + 2 + 2 * i));
      }
    }
    int flags = LittleEndian.u8(bytes, info + 1);
    Clusters.Stream stream = streamAt(info, (flags & 2) != 0);
    long valid = LittleEndian.s64(bytes, info + 8);
    String text = name.toString();
    boolean isName =
        text.length() == length
            && length > 0
            && text.indexOf('/') < 0
            && text.indexOf(0) < 0
            && !text.equals(".")
            && !text.equals("..");
    if (!isName || stream.length() < 0 || valid < 0) {
      return;
    }
    ExfatEntry entry =
        new ExfatEntry(
            text,
            LittleEndian.u16(bytes, at + 4),
            stream,
            Math.min(valid, stream.length()),
            time(at),
            (directory.first() << 32) + at / ENTRY + 2);
    if (byName.putIfAbsent(names.key(text), entry) == null) {
      entries.add(entry);
    }
  }

  private int sum(int from, int to) {
    int sum = 0;
    for (int at = from; at < to; at++) {
      if (at != from + 2 && at != from + 3) {
        sum = ((sum << 15 | sum >>> 1) + LittleEndian.u8(bytes, at)) & 0xFFFF;
      }
    }
    return sum;
  }

  /// When it was modified: local time, with its distance from UTC where that is known.
  private Instant time(int at) {
    int zone = LittleEndian.u8(bytes, at + 23);
    int quarters = (zone & USED) == 0 ? 0 : (zone & 0x40) != 0 ? zone - 0x100 : zone & 0x3F;
    return DosTime.decode(LittleEndian.s32(bytes, at + 12))
        .plusMillis(10L * Math.min(199, LittleEndian.u8(bytes, at + 21)))
        .minusSeconds(900L * quarters);
  }

  List<ExfatEntry> entries() {
    return entries;
  }

  Optional<ExfatEntry> find(String key) {
    return Optional.ofNullable(byName.get(key));
  }

  /// The bitmaps of clusters in use, when this is the root.
  List<Clusters.Stream> bitmaps() {
    return bitmaps;
  }

  Optional<Clusters.Stream> upCase() {
    return upCase;
  }

  Optional<String> label() {
    return label;
  }

  long size() {
    return bytes.length;
  }
}
