package io.calco.fs.iso9660;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Rock Ridge's fields behind a record (RRIP 1.12 in SUSP 1.12), with those that go on elsewhere.
final class SystemUse {
  private static final int CONTINUATIONS_MAX = 32; // ours
  private static final int NAME_MAX = 255; // Linux's
  private static final int TARGET_MAX = 4096; // Linux's
  private static final DateTimeFormatter LONG_TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss");

  private final IsoVolume volume;
  private final Disk disk;
  private final ByteArrayOutputStream name = new ByteArrayOutputStream();
  private final ByteArrayOutputStream target = new ByteArrayOutputStream();
  private boolean isLink;
  private boolean inPart;
  private OptionalInt mode = OptionalInt.empty();
  private int links = 1;
  private int uid;
  private int gid;
  private Optional<Instant> modified = Optional.empty();
  private OptionalLong child = OptionalLong.empty();
  private boolean relocated;
  private boolean zisofs;

  private SystemUse(IsoVolume volume, Disk disk) {
    this.volume = volume;
    this.disk = disk;
  }

  /// The fields in `bytes[from, to)` and where they lead.
  static SystemUse read(IsoVolume volume, Disk disk, byte[] bytes, int from, int to)
      throws IOException {
    SystemUse use = new SystemUse(volume, disk);
    Optional<Continuation> next = use.fields(bytes, from, to);
    for (int i = 0; next.isPresent(); i++) {
      if (i == CONTINUATIONS_MAX) {
        throw new LimitExceededException(
            "ISO 9660: a record that goes on more than %d times (our limit)"
                .formatted(CONTINUATIONS_MAX));
      }
      byte[] more = use.load(next.get());
      next = use.fields(more, 0, more.length);
    }
    return use;
  }

  private record Continuation(long block, long offset, long length) {}

  private byte[] load(Continuation area) throws IOException {
    long at = area.block() * volume.blockBytes() + area.offset();
    if (area.length() > IsoVolume.SECTOR || at > disk.size() - area.length()) {
      throw CorruptImageException.at(
          "ISO 9660", "continuation area", at, area.length() + " bytes", "less, in the volume");
    }
    return disk.readBytes(at, (int) area.length());
  }

  private Optional<Continuation> fields(byte[] bytes, int from, int to) throws IOException {
    Optional<Continuation> next = Optional.empty();
    int at = from;
    while (at + 4 <= to) {
      int length = LittleEndian.u8(bytes, at + 2);
      if (length < 4 || at + length > to) {
        break; // padding
      }
      String mark = new String(bytes, at, 2, StandardCharsets.ISO_8859_1);
      if (mark.equals("ST")) {
        break;
      }
      if (mark.equals("CE") && length >= 28) {
        next =
            Optional.of(
                new Continuation(
                    LittleEndian.u32(bytes, at + 4),
                    LittleEndian.u32(bytes, at + 12),
                    LittleEndian.u32(bytes, at + 20)));
      } else {
        field(mark, bytes, at, length);
      }
      at += length;
    }
    return next;
  }

  private void field(String mark, byte[] bytes, int at, int length) throws IOException {
    switch (mark) {
      case "PX" -> {
        if (length >= 36) {
          mode = OptionalInt.of(LittleEndian.s32(bytes, at + 4) & 0xFFFF);
          links = LittleEndian.s32(bytes, at + 12);
          uid = LittleEndian.s32(bytes, at + 20);
          gid = LittleEndian.s32(bytes, at + 28);
        }
      }
      case "NM" -> {
        if (length > 5 && (bytes[at + 4] & 6) == 0) {
          append(name, bytes, at + 5, length - 5, NAME_MAX);
        }
      }
      case "SL" -> symbolicLink(bytes, at, length);
      case "TF" -> time(bytes, at, length);
      case "CL" -> {
        if (length >= 12) {
          child = OptionalLong.of(LittleEndian.u32(bytes, at + 4));
        }
      }
      case "RE" -> relocated = true;
      case "ZF" -> zisofs = true;
      default -> {}
    }
  }

  private static void append(ByteArrayOutputStream to, byte[] bytes, int at, int length, int max)
      throws LimitExceededException {
    if (to.size() + length > max) {
      throw new LimitExceededException(
          "ISO 9660: a name or link of more than %d bytes".formatted(max));
    }
    to.write(bytes, at, length);
  }

  private void symbolicLink(byte[] bytes, int at, int length) throws IOException {
    isLink = true;
    for (int part = at + 5; part + 2 <= at + length; ) {
      int flags = bytes[part];
      int size = LittleEndian.u8(bytes, part + 1);
      if (part + 2 + size > at + length) {
        break;
      }
      boolean isRoot = (flags & 8) != 0;
      byte[] text =
          isRoot
              ? new byte[] {'/'}
              : (flags & 2) != 0
                  ? new byte[] {'.'}
                  : (flags & 4) != 0
                      ? new byte[] {'.', '.'}
                      : java.util.Arrays.copyOfRange(bytes, part + 2, part + 2 + size);
      if (!inPart && target.size() > 0 && !endsWithSlash()) {
        append(target, new byte[] {'/'}, 0, 1, TARGET_MAX);
      }
      append(target, text, 0, text.length, TARGET_MAX);
      inPart = (flags & 1) != 0;
      part += 2 + size;
    }
  }

  private boolean endsWithSlash() {
    return target.toByteArray()[target.size() - 1] == '/';
  }

  private void time(byte[] bytes, int at, int length) {
    int flags = bytes[at + 4];
    int each = (flags & 0x80) != 0 ? 17 : 7;
    int before = flags & 1; // the creation time comes first
    int from = at + 5 + before * each;
    if ((flags & 2) != 0 && from + each <= at + length) {
      modified = each == 7 ? shortTime(bytes, from) : longTime(bytes, from);
    }
  }

  /// A time of 7 bytes; empty for what is none.
  static Optional<Instant> shortTime(byte[] bytes, int at) {
    try {
      LocalDateTime local =
          LocalDateTime.of(
              1900 + LittleEndian.u8(bytes, at),
              LittleEndian.u8(bytes, at + 1),
              LittleEndian.u8(bytes, at + 2),
              LittleEndian.u8(bytes, at + 3),
              LittleEndian.u8(bytes, at + 4),
              LittleEndian.u8(bytes, at + 5));
      return Optional.of(local.toInstant(ZoneOffset.UTC).minusSeconds(bytes[at + 6] * 900L));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> longTime(byte[] bytes, int at) {
    try {
      String digits = new String(bytes, at, 14, StandardCharsets.ISO_8859_1);
      LocalDateTime local = LocalDateTime.parse(digits, LONG_TIME);
      return Optional.of(local.toInstant(ZoneOffset.UTC).minusSeconds(bytes[at + 16] * 900L));
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /// The file's name, empty when it is not told.
  String name() {
    return GuestNames.decode(name.toByteArray());
  }

  Optional<String> target() {
    return isLink ? Optional.of(GuestNames.decode(target.toByteArray())) : Optional.empty();
  }

  OptionalInt mode() {
    return mode;
  }

  int links() {
    return links;
  }

  int uid() {
    return uid;
  }

  int gid() {
    return gid;
  }

  Optional<Instant> modified() {
    return modified;
  }

  /// The first block of a directory that stands elsewhere, because it lies too deep.
  OptionalLong child() {
    return child;
  }

  /// True for a directory that stands here only because it lies too deep elsewhere.
  boolean relocated() {
    return relocated;
  }

  boolean zisofs() {
    return zisofs;
  }
}
