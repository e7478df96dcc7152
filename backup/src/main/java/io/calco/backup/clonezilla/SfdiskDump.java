package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `sfdisk --dump` prints of a partition table, in the form of all versions: before util-linux
/// 2.26 a partition's type is its `Id` and entries that are not in use are listed too.
///
/// @param label `dos` or `gpt`; empty in the old form, which knows no other than `dos`
/// @param sectorSize the unit of all positions, in bytes
/// @param lastLba the last sector that a GPT leaves to partitions
/// @param entries in use, in the order of the text
record SfdiskDump(
    Optional<String> label, int sectorSize, Optional<Long> lastLba, List<Entry> entries) {
  private static final int ENTRIES_MAX = 1024; // ours; a GPT of sgdisk's has 128
  private static final Pattern NODE = Pattern.compile("^(/dev/\\S+?)\\s*:\\s*(.*)$");
  private static final Pattern FIELD =
      Pattern.compile("\\s*([A-Za-z-]+)\\s*(?:=\\s*(\"[^\"]*\"|[^,]*))?(?:,|$)");

  /// A partition.
  ///
  /// @param device its name
  /// @param start first sector
  /// @param size in sectors, 1 or more
  /// @param type lower case, without `0x`: `83`, or a GUID
  /// @param bootable the active flag
  record Entry(DeviceName device, long start, long size, String type, boolean bootable) {
    /// True for an extended partition of an MBR.
    boolean extended() {
      return type.matches("0?[5f]|85");
    }

    /// The first sector after it.
    long end() {
      return start + size;
    }
  }

  /// Copies the list.
  SfdiskDump {
    entries = List.copyOf(entries);
  }

  /// Reads the text.
  ///
  /// @param file for messages
  static SfdiskDump parse(String file, List<String> lines) throws CorruptImageException {
    Optional<String> label = Optional.empty();
    int sectorSize = 512;
    Optional<Long> lastLba = Optional.empty();
    List<Entry> entries = new ArrayList<>();
    for (String line : lines) {
      String text = line.trim();
      if (text.startsWith("label:")) {
        label = Optional.of(text.substring("label:".length()).trim().toLowerCase(Locale.ROOT));
      } else if (text.startsWith("sector-size:")) {
        sectorSize = sectorSize(file, text.substring("sector-size:".length()).trim());
      } else if (text.startsWith("last-lba:")) {
        lastLba = Optional.of(number(file, text, text.substring("last-lba:".length()).trim()));
      } else {
        entry(file, text).ifPresent(entries::add);
        if (entries.size() > ENTRIES_MAX) {
          throw new CorruptImageException(
              "%s: more than %d partitions (our limit)".formatted(file, ENTRIES_MAX));
        }
      }
    }
    return new SfdiskDump(label, sectorSize, lastLba, entries);
  }

  private static int sectorSize(String file, String text) throws CorruptImageException {
    long size = number(file, "sector-size", text);
    if (size < 512 || size > 65_536 || Long.bitCount(size) != 1) {
      throw new CorruptImageException(
          "%s: sector-size: found %d, expected a power of two from 512 to 65536"
              .formatted(file, size));
    }
    return (int) size;
  }

  private static Optional<Entry> entry(String file, String line) throws CorruptImageException {
    Matcher node = NODE.matcher(line);
    if (!node.matches()) {
      return Optional.empty();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(node.group(2));
    while (field.lookingAt() && field.end() > field.start()) {
      String value = field.group(2) == null ? "" : field.group(2).trim();
      fields.put(field.group(1).toLowerCase(Locale.ROOT), value);
      field.region(field.end(), node.group(2).length());
    }
    String type = type(fields);
    long size = number(file, line, fields.getOrDefault("size", "0"));
    if (size == 0 || type.isEmpty() || type.matches("0+")) {
      return Optional.empty();
    }
    long start = number(file, line, fields.getOrDefault("start", ""));
    if (size > Long.MAX_VALUE / 65_536 - start) {
      throw wrong(file, line);
    }
    return Optional.of(
        new Entry(
            DeviceName.of(node.group(1), file), start, size, type, fields.containsKey("bootable")));
  }

  /// The old form writes `Id=83`.
  private static String type(Map<String, String> fields) {
    String type = fields.getOrDefault("type", fields.getOrDefault("id", ""));
    return type.toLowerCase(Locale.ROOT).replace("0x", "");
  }

  private static long number(String file, String line, String text) throws CorruptImageException {
    if (!text.matches("[0-9]{1,18}")) {
      throw wrong(file, line);
    }
    long number = Long.parseLong(text);
    if (number > Long.MAX_VALUE / 65_536) {
      throw wrong(file, line);
    }
    return number;
  }

  private static CorruptImageException wrong(String file, String line) {
    return new CorruptImageException(
        "%s: found \"%s\", expected numbers of sectors that a disk can have"
            .formatted(file, OpenPolicy.printable(line)));
  }
}
