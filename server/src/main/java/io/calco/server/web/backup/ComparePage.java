package io.calco.server.web.backup;

import io.calco.backup.RestorePoints.PartDifference;
import io.calco.engine.backup.served.PointContents;
import io.calco.engine.backup.served.PointContents.FileDifferences;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.inside.Comparison;
import io.calco.engine.inside.Difference;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What changed between two points of a repository: by partition, and by file.
public final class ComparePage implements Page {
  private static final int OTHERS_MAX = 300;

  private final ServedBackups backups;
  private final PointContents contents;

  /// Compares points of these.
  public ComparePage(ServedBackups backups, PointContents contents) {
    this.backups = backups;
    this.contents = contents;
  }

  /// What the page shows.
  ///
  /// @param before the older of the two
  /// @param after the newer
  /// @param view whose page this belongs to
  /// @param with what it is compared with; empty while none is chosen
  /// @param others that it can be compared with, newest first
  /// @param parts by partition
  /// @param files by file; empty where that was not asked for
  /// @param at below which directory
  /// @param contents whether all contents were read
  record Model(
      PointView view,
      Optional<PointView> with,
      PointView before,
      PointView after,
      List<PointView> others,
      List<PartDifference> parts,
      Optional<FileDifferences> files,
      String at,
      boolean contents) {
    Model {
      others = List.copyOf(others);
      parts = List.copyOf(parts);
    }

    static String what(Text text, Difference difference) {
      String word = text.of("backups.compare." + difference.what().name().toLowerCase(Locale.ROOT));
      return difference.aspects().isEmpty()
          ? word
          : difference.aspects().stream()
              .map(aspect -> text.of("backups.aspect." + aspect))
              .collect(Collectors.joining(", ", word + ": ", ""));
    }

    static String mark(Difference difference) {
      return switch (difference.what()) {
        case ADDED -> "good";
        case REMOVED -> "bad";
        case CHANGED -> "busy";
      };
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes.get(PointPage.PATH + "/compare", this::show);
  }

  private View show(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    Text text = visit.text();
    PointView view = new PointView(found.repository(), found.point(), text);
    List<PointView> others =
        backups.board(visit.admin(), found.repository()).machines().stream()
            .filter(machine -> machine.name().equals(found.point().machine()))
            .flatMap(machine -> machine.points().reversed().stream())
            .filter(point -> !point.id().equals(found.point().id()))
            .limit(OTHERS_MAX)
            .map(point -> new PointView(found.repository(), point, text))
            .toList();
    String at = visit.query("at");
    boolean all = !visit.query("contents").isEmpty();
    if (visit.query("with").isEmpty()) {
      return View.page(
          "backup/compare",
          new Model(
              view, Optional.empty(), view, view, others, List.of(), Optional.empty(), at, all));
    }
    Found other = backups.find(visit.admin(), found.repository(), visit.query("with"));
    boolean first = !other.point().created().isAfter(found.point().created());
    Found before = first ? other : found;
    Found after = first ? found : other;
    Optional<FileDifferences> files =
        visit.query("files").isEmpty()
            ? Optional.empty()
            : Optional.of(
                contents.compareFiles(
                    before, after, at, all ? Comparison.Depth.CONTENTS : Comparison.Depth.TIMES));
    return View.page(
        "backup/compare",
        new Model(
            view,
            Optional.of(new PointView(found.repository(), other.point(), text)),
            new PointView(found.repository(), before.point(), text),
            new PointView(found.repository(), after.point(), text),
            others,
            contents.compare(before, after.point()),
            files,
            at,
            all));
  }
}
