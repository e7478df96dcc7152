package io.calco.backup.layout;

import io.calco.disk.CorruptImageException;
import io.calco.volume.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads where partitions are to lie from text as `sfdisk --dump` prints it; of each line counts
/// the number at the end of the device's name, `start` and `size`, in sectors of `sector-size`, 512
/// bytes unless it says otherwise.
public final class SfdiskPlaces {
  private static final int LINES_MAX = 10_000;

  private static final Pattern LINE =
      Pattern.compile(
          "\\S*?([0-9]{1,4})\\s*:\\s*start=\\s*([0-9]{1,19})\\s*,\\s*size=\\s*([0-9]{1,19})\\b.*");
  private static final Pattern OTHER =
      Pattern.compile(
          "\\s*|#.*|(label|label-id|device|unit|first-lba|last-lba|table-length|sector-size|grain)\\s*:.*");

  private static final Pattern SECTOR = Pattern.compile("sector-size\\s*:\\s*([0-9]{3,5})");

  private SfdiskPlaces() {}

  /// Reads the text; entries of no size are left out.
  ///
  /// @param name the file's, for messages
  /// @throws CorruptImageException when a line is neither of a partition nor of sfdisk's heading
  public static List<Placement> parse(String name, String text) throws CorruptImageException {
    List<Placement> all = new ArrayList<>();
    long sectorSize = 512;
    List<String> lines = text.lines().limit(LINES_MAX + 1).toList();
    if (lines.size() > LINES_MAX) {
      throw new CorruptImageException("%s: has more than %d lines".formatted(name, LINES_MAX));
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Matcher partition = LINE.matcher(line);
      Matcher sector = SECTOR.matcher(line);
      if (sector.matches()) {
        sectorSize = Long.parseLong(sector.group(1));
      }
      if (OTHER.matcher(line).matches()) {
        continue;
      }
      if (!partition.matches()) {
        throw wrong(name, i, line);
      }
      try {
        long size = Math.multiplyExact(Long.parseLong(partition.group(3)), sectorSize);
        long start = Math.multiplyExact(Long.parseLong(partition.group(2)), sectorSize);
        if (size > 0) {
          all.add(new Placement(Integer.parseInt(partition.group(1)), start, size));
        }
      } catch (ArithmeticException | IllegalArgumentException e) {
        throw wrong(name, i, line);
      }
    }
    return all;
  }

  private static CorruptImageException wrong(String name, int index, String line) {
    return new CorruptImageException(
        "%s: line %d: found \"%s\", expected a partition as sfdisk --dump prints it: /dev/sda1 : start= 2048, size= 409600"
            .formatted(name, index + 1, line.substring(0, Math.min(80, line.length()))));
  }
}
