package io.calco.server.web.image;

import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageInspection.Volume;
import io.calco.engine.images.VolumeFilling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The picture of a disk: what lies where, and what of it is in use. Places and widths are in
/// percent of the disk's, or the volume's, width, as SVG takes them.
///
/// @param size of the disk, in bytes
/// @param blocks what lies on the disk in one run, from left to right
/// @param lines every partition and volume, in the disk's order
public record DiskPicture(long size, List<Block> blocks, List<Line> lines) {
  /// A partition that is smaller is drawn as wide as this, so that it can be seen.
  private static final double LEAST_WIDTH = 0.8;

  /// What is narrower has no number in it.
  private static final double LABEL_WIDTH = 3;

  private static final int LEVELS = 4;
  private static final int TEXT_MAX = 60;

  /// Copies the lists.
  public DiskPicture {
    blocks = List.copyOf(blocks);
    lines = List.copyOf(lines);
  }

  /// A partition on the strip of the disk.
  ///
  /// @param x its left edge
  /// @param width its width
  /// @param label its number; empty where it would not fit
  /// @param known whether it is told what of it is in use
  /// @param runs what is in use, within the disk's strip
  public record Block(String x, String width, String label, boolean known, List<Run> runs) {}

  /// Parts of a file system that are as full as each other.
  ///
  /// @param x the left edge
  /// @param width the width
  /// @param level 1 for a little to 4 for all of it
  public record Run(String x, String width, int level) {}

  /// A partition or a volume, with its own strip.
  ///
  /// @param volume what was found
  /// @param runs what is in use, within the volume's strip
  public record Line(Volume volume, List<Run> runs) {
    /// What it is called: its device, or its number.
    public String name() {
      if (!volume.device().isEmpty()) {
        return printable(volume.device());
      }
      return volume.number().isPresent() ? String.valueOf(volume.number().getAsInt()) : "";
    }

    /// What is in it: by its marks, or by what the table declares.
    public String content() {
      return printable(volume.content().isEmpty() ? volume.type() : volume.content());
    }

    /// What its owner calls it.
    public String label() {
      return printable(volume.label());
    }

    /// Where the guest has it.
    public String mountPoint() {
      return printable(volume.mountPoint());
    }
  }

  /// What a guest wrote, without what would move the text around it.
  public static String printable(String text) {
    return printable(text, TEXT_MAX);
  }

  /// Likewise, of another length.
  ///
  /// @param most characters
  public static String printable(String text, int most) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .filter(c ->
            !Character.isISOControl(c)
                && Character.getType(c) != Character.FORMAT
                && Character.getType(c) != Character.SURROGATE)
        .limit(most)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  /// The picture; empty where nothing was found to draw.
  public static Optional<DiskPicture> of(
      ImageInspection inspection, List<VolumeFilling> fillings, long size) {
    if (inspection.volumes().stream().noneMatch(DiskPicture::tells) || size <= 0) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    for (Volume volume : inspection.volumes()) {
      lines.add(new Line(volume, runs(cells(volume, fillings), 0, 100)));
    }
    inspection.volumes().stream()
        .filter(volume -> volume.start().isPresent() && volume.number().isPresent())
        .sorted(Comparator.comparingLong(volume -> volume.start().getAsLong()))
        .forEach(volume -> blocks.add(block(volume, fillings, size)));
    return Optional.of(new DiskPicture(size, blocks, lines));
  }

  private static List<Integer> cells(Volume volume, List<VolumeFilling> fillings) {
    return fillings.stream()
        .filter(filling -> filling.isOf(volume.number(), volume.device()))
        .findFirst()
        .map(VolumeFilling::cells)
        .orElse(List.of());
  }

  private static boolean tells(Volume volume) {
    return volume.number().isPresent() || !(volume.content() + volume.device()).isEmpty();
  }

  private static Block block(Volume volume, List<VolumeFilling> fillings, long size) {
    double width = Math.clamp(100.0 * volume.size() / size, LEAST_WIDTH, 100);
    double x = Math.clamp(100.0 * volume.start().orElse(0) / size, 0, 100 - width);
    List<Integer> cells = cells(volume, fillings);
    String label =
        width < LABEL_WIDTH || volume.number().isEmpty()
            ? ""
            : String.valueOf(volume.number().getAsInt());
    return new Block(percent(x), percent(width), label, !cells.isEmpty(), runs(cells, x, width));
  }

  private static List<Run> runs(List<Integer> cells, double from, double width) {
    List<Run> runs = new ArrayList<>();
    double cell = cells.isEmpty() ? 0 : width / cells.size();
    for (int at = 0; at < cells.size(); ) {
      int level = level(cells.get(at));
      int end = at + 1;
      while (end < cells.size() && level(cells.get(end)) == level) {
        end++;
      }
      if (level > 0) {
        runs.add(new Run(percent(from + at * cell), percent((end - at) * cell), level));
      }
      at = end;
    }
    return List.copyOf(runs);
  }

  private static int level(int percent) {
    return Math.ceilDiv(percent * LEVELS, 100);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.3f%%", value);
  }
}
