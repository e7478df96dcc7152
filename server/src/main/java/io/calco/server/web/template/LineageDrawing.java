package io.calco.server.web.template;

import io.calco.catalog.Clone;
import io.calco.engine.CloneReport;
import io.calco.engine.Lineage;
import io.calco.engine.TemplateReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What was made of a template, as a drawing: what its versions were made from on the left, they in
/// the middle, their clones on the right, lines between. Coordinates are pixels from the upper left
/// corner.
///
/// @param width of the drawing
/// @param height of the drawing
/// @param boxes sources, versions and clones
/// @param lines from a source to a version, and from that to its clones
record LineageDrawing(int width, int height, List<Box> boxes, List<Line> lines) {
  private static final int SOURCE_WIDTH = 230;
  private static final int VERSION_WIDTH = 130;
  private static final int CLONE_WIDTH = 230;
  private static final int GAP = 90;
  private static final int ROW = 34;
  private static final int BOX = 26;
  private static final int MARGIN = 2;
  private static final int BETWEEN = 12;
  private static final int VERSION_X = MARGIN + SOURCE_WIDTH + GAP;
  private static final int CLONE_X = VERSION_X + VERSION_WIDTH + GAP;

  /// Longer names are cut.
  private static final int TEXT_MAX = 26;

  /// So many clones of a version are drawn; the others are counted.
  private static final int CLONES_MAX = 24;

  /// Copies the lists.
  LineageDrawing {
    boxes = List.copyOf(boxes);
    lines = List.copyOf(lines);
  }

  /// A disk, or a number of them.
  ///
  /// @param kind `source`, `version`, `linked`, `full` or `more`
  /// @param text a name; the number of a version or of those that are not drawn
  record Box(int x, int y, int width, int height, String kind, String text) {
    int textX() {
      return x + 12;
    }

    int textY() {
      return middle() + 5;
    }

    int middle() {
      return y + height / 2;
    }
  }

  /// A curve between two boxes.
  ///
  /// @param path as SVG has it
  /// @param linked whether the right one rests on the left one
  record Line(String path, boolean linked) {
    static Line between(Box left, Box right) {
      int from = left.x() + left.width();
      int bend = (from + right.x()) / 2;
      return new Line(
          "M%d %dC%d %d %d %d %d %d"
              .formatted(
                  from,
                  left.middle(),
                  bend,
                  left.middle(),
                  bend,
                  right.middle(),
                  right.x(),
                  right.middle()),
          right.kind().equals("linked"));
    }
  }

  /// @param versions of the template
  static LineageDrawing of(Lineage lineage, List<TemplateReport> versions) {
    Map<Integer, String> sources =
        versions.stream()
            .collect(Collectors.toMap(TemplateReport::version, TemplateReport::source));
    List<Box> boxes = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    int y = MARGIN;
    for (Lineage.Node node : lineage.templates()) {
      if (node.template().equals(versions.getFirst().name())) {
        List<Box> clones = clones(node.clones(), y);
        int rows = Math.max(1, clones.size());
        int middle = y + (rows - 1) * ROW / 2;
        String from = lastName(sources.getOrDefault(node.version(), ""));
        Box source = new Box(MARGIN, middle, SOURCE_WIDTH, BOX, "source", from);
        String number = String.valueOf(node.version());
        Box version = new Box(VERSION_X, middle, VERSION_WIDTH, BOX, "version", number);
        boxes.addAll(List.of(source, version));
        boxes.addAll(clones);
        lines.add(Line.between(source, version));
        clones.forEach(clone -> lines.add(Line.between(version, clone)));
        y += rows * ROW + BETWEEN;
      }
    }
    int height = Math.max(y - BETWEEN, BOX) + MARGIN;
    return new LineageDrawing(CLONE_X + CLONE_WIDTH + MARGIN, height, boxes, lines);
  }

  private static List<Box> clones(List<CloneReport> clones, int top) {
    List<Box> boxes = new ArrayList<>();
    for (CloneReport clone : clones.subList(0, Math.min(clones.size(), CLONES_MAX))) {
      String kind = clone.facts().kind() == Clone.Kind.LINKED ? "linked" : "full";
      boxes.add(box(top, boxes.size(), kind, cut(clone.facts().name())));
    }
    int more = clones.size() - boxes.size();
    if (more > 0) {
      boxes.add(box(top, boxes.size(), "more", String.valueOf(more)));
    }
    return boxes;
  }

  private static Box box(int top, int row, String kind, String text) {
    return new Box(CLONE_X, top + row * ROW, CLONE_WIDTH, BOX, kind, text);
  }

  private static String lastName(String path) {
    return cut(path.substring(path.lastIndexOf('/') + 1));
  }

  private static String cut(String name) {
    return name.length() > TEXT_MAX ? name.substring(0, TEXT_MAX - 1) + "…" : name;
  }
}
