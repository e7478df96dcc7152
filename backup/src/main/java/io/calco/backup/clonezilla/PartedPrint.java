package io.calco.backup.clonezilla;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The heading of what `parted unit s print` says of a disk. Its list of partitions is for people,
/// and other files have it better.
///
/// @param sectors of the disk
/// @param sectorSize the logical one, in bytes
/// @param label `gpt`, `msdos`, `loop` …
record PartedPrint(long sectors, int sectorSize, Optional<String> label) {
  private static final Pattern DISK = Pattern.compile("^Disk /dev/\\S+: ([0-9]{1,18})s$");
  private static final Pattern SECTOR =
      Pattern.compile("^Sector size \\(logical/physical\\): ([0-9]{3,5})B/.*");
  private static final Pattern LABEL = Pattern.compile("^Partition Table: ([a-z0-9_]{1,20})$");

  /// Reads the heading; empty when the size is not in it.
  static Optional<PartedPrint> parse(List<String> lines) {
    long sectors = -1;
    int sectorSize = 512;
    Optional<String> label = Optional.empty();
    for (String line : lines) {
      Matcher disk = DISK.matcher(line.trim());
      Matcher sector = SECTOR.matcher(line.trim());
      Matcher table = LABEL.matcher(line.trim());
      if (disk.matches() && sectors < 0) {
        sectors = Long.parseLong(disk.group(1));
      } else if (sector.matches()) {
        sectorSize = Integer.parseInt(sector.group(1));
      } else if (table.matches()) {
        label = Optional.of(table.group(1));
      }
    }
    boolean possible =
        sectors > 0
            && sectorSize >= 512
            && Integer.bitCount(sectorSize) == 1
            && sectors <= Long.MAX_VALUE / 2 / sectorSize;
    return possible ? Optional.of(new PartedPrint(sectors, sectorSize, label)) : Optional.empty();
  }

  /// The disk's size in bytes.
  long size() {
    return sectors * sectorSize;
  }
}
