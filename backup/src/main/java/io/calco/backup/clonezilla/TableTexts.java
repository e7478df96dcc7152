package io.calco.backup.clonezilla;

import io.calco.disk.OpenPolicy;
import io.calco.disk.bytes.LittleEndian;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What sfdisk and parted say of a partition table, word for word where a program reads it.
///
/// @param disk its name
/// @param size in bytes
/// @param table as it was read
/// @param gpt its first sectors, when it is a GPT
/// @param contents what was found in each partition, by its number
record TableTexts(
    DeviceName disk,
    long size,
    PartitionTable table,
    Optional<GptHead> gpt,
    Map<Integer, String> contents) {
  private static final int HEADS = 255;
  private static final int SECTORS_PER_TRACK = 63;
  private static final int FIRST_USABLE = 40;
  private static final int LAST_USABLE = 48;
  private static final int GUID_BITS = 48;
  private static final List<String> ATTRIBUTES =
      List.of("RequiredPartition", "NoBlockIOProtocol", "LegacyBIOSBootable");

  /// `sfdisk --dump`.
  String dump() {
    StringBuilder text = new StringBuilder();
    text.append("label: ").append(table.name()).append('\n');
    table
        .uuid()
        .ifPresent(id ->
            text.append("label-id: ")
                .append(gpt.isPresent() ? id.toUpperCase(Locale.ROOT) : "0x" + id)
                .append('\n'));
    text.append("device: ").append(disk.path()).append("\nunit: sectors\n");
    if (gpt.isPresent()) {
      byte[] header = gpt.get().header();
      text.append("first-lba: ").append(LittleEndian.s64(header, FIRST_USABLE)).append('\n');
      text.append("last-lba: ").append(LittleEndian.s64(header, LAST_USABLE)).append('\n');
    }
    text.append("sector-size: ").append(table.sectorSize()).append("\n\n");
    for (Partition partition : table.partitions()) {
      text.append(line(partition)).append('\n');
    }
    return text.toString();
  }

  private String line(Partition partition) {
    StringBuilder line =
        new StringBuilder(
            "%s : start=%12d, size=%12d"
                .formatted(
                    disk.partition(partition.number()).path(),
                    partition.start() / table.sectorSize(),
                    partition.length() / table.sectorSize()));
    String code = partition.type().code();
    if (gpt.isEmpty()) {
      String type = code.startsWith("0x") ? code.substring(2) : code;
      line.append(", type=").append(type.replaceFirst("^0(?=.)", ""));
      return line.append(partition.active() ? ", bootable" : "").toString();
    }
    line.append(", type=").append(code.toUpperCase(Locale.ROOT));
    partition
        .uuid()
        .ifPresent(uuid -> line.append(", uuid=").append(uuid.toUpperCase(Locale.ROOT)));
    if (!partition.name().isEmpty()) {
      line.append(", name=\"").append(quoted(partition.name())).append('"');
    }
    String attributes = attributes(partition.attributes());
    if (!attributes.isEmpty()) {
      line.append(", attrs=\"").append(attributes).append('"');
    }
    return line.toString();
  }

  /// As libfdisk writes names, and reads them.
  private static String quoted(String name) {
    StringBuilder quoted = new StringBuilder();
    for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = letter >= ' ' && letter < 0x7f && "\"\\`$".indexOf(letter) < 0;
      quoted.append(plain ? String.valueOf((char) letter) : "\\x%02x".formatted(letter & 0xff));
    }
    return quoted.toString();
  }

  private static String attributes(long bits) {
    List<String> names = new ArrayList<>();
    List<String> own = new ArrayList<>();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((bits >>> bit & 1) != 0) {
        if (bit < ATTRIBUTES.size()) {
          names.add(ATTRIBUTES.get(bit));
        } else if (bit >= GUID_BITS) {
          own.add(Integer.toString(bit));
        }
      }
    }
    if (!own.isEmpty()) {
      names.add("GUID:" + String.join(",", own));
    }
    return String.join(" ", names);
  }

  /// The geometry that every tool supposes.
  String geometry() {
    long cylinders = size / 512 / SECTORS_PER_TRACK / HEADS;
    return "cylinders=%d\nheads=%d\nsectors=%d\n".formatted(cylinders, HEADS, SECTORS_PER_TRACK);
  }

  /// `parted unit s print`.
  String parted() {
    return parted(bytes -> bytes / table.sectorSize() + "s");
  }

  /// `parted unit compact print`.
  String partedCompact() {
    return parted(Sizes::decimal);
  }

  private interface Unit {
    String of(long bytes);
  }

  private String parted(Unit unit) {
    boolean dos = gpt.isEmpty();
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        dos
            ? List.of("Number", "Start", "End", "Size", "Type", "File system", "Flags")
            : List.of("Number", "Start", "End", "Size", "File system", "Name", "Flags"));
    for (Partition partition : table.partitions()) {
      rows.add(row(partition, unit, dos));
    }
    return heading(disk, size, table.sectorSize(), dos ? "msdos" : "gpt", unit.of(size))
        + columns(rows)
        + "\n";
  }

  /// The heading alone, of a disk with another table or none.
  static String heading(
      DeviceName disk, long size, int sectorSize, String label, String shownSize) {
    return "Model: saved by Calco (unknown)\nDisk %s: %s\nSector size (logical/physical): %dB/%dB\nPartition Table: %s\nDisk Flags: \n\n"
        .formatted(disk.path(), shownSize, sectorSize, sectorSize, label);
  }

  private List<String> row(Partition partition, Unit unit, boolean dos) {
    List<String> row = new ArrayList<>();
    row.add("%2d".formatted(partition.number()));
    row.add(unit.of(partition.start()));
    row.add(unit.of(partition.end() - table.sectorSize()));
    row.add(unit.of(partition.length()));
    if (dos) {
      row.add(partition.extended() ? "extended" : partition.number() > 4 ? "logical" : "primary");
    }
    row.add(partedName(contents.getOrDefault(partition.number(), "")));
    if (!dos) {
      row.add(OpenPolicy.printable(partition.name()));
    }
    row.add(flags(partition, dos));
    return row;
  }

  private static String partedName(String fileSystem) {
    return switch (fileSystem) {
      case "vfat" -> "fat32";
      case "fat12" -> "fat12";
      case "swap" -> "linux-swap(v1)";
      case "LVM2_member" -> "";
      default -> fileSystem;
    };
  }

  private static String flags(Partition partition, boolean dos) {
    return switch (partition.type().kind()) {
      case EFI_SYSTEM -> dos ? "esp" : "boot, esp";
      case BIOS_BOOT -> "bios_grub";
      case LINUX_SWAP -> "swap";
      case LINUX_LVM -> "lvm";
      case LINUX_RAID -> "raid";
      case MICROSOFT_RESERVED -> "msftres";
      case MICROSOFT_BASIC_DATA -> "msftdata";
      default -> partition.active() ? dos ? "boot" : "legacy_boot" : "";
    };
  }

  private static String columns(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
