package io.calco.server.web.backup;

import io.calco.backup.Origin;
import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.server.web.Text;
import io.calco.server.web.image.DiskPicture;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/// A point in words.
///
/// @param repository where it lies
/// @param point what is recorded of it
/// @param text the reader's language
record PointView(String repository, RestorePoint point, Text text) {
  private static final int SHORT_ID = 8;

  /// Ours: no path of a guest is longer.
  private static final int TEXT_MAX = 4096;

  private static final int LINES_MAX = 1000;

  /// Whether anybody has looked if it is good.
  enum State {
    /// The last look found nothing amiss.
    PROVEN,
    /// Nobody has looked.
    UNPROVEN,
    /// Some look found damage.
    DAMAGED
  }

  State state() {
    if (point.checks().stream().anyMatch(check -> !check.sound())) {
      return State.DAMAGED;
    }
    return point.checks().isEmpty() ? State.UNPROVEN : State.PROVEN;
  }

  /// The class that colours it.
  String mark() {
    return switch (state()) {
      case PROVEN -> "good";
      case UNPROVEN -> "";
      case DAMAGED -> "bad";
    };
  }

  /// `verified`, with the age of the proof elsewhere.
  String stateText() {
    return switch (state()) {
      case PROVEN ->
          text.of("backups.state." + (lastCheck().isPresent() ? word(lastCheck().get()) : ""));
      case UNPROVEN -> text.of("backups.state.unproven");
      case DAMAGED -> text.of("backups.state.damaged");
    };
  }

  /// The newest look at it.
  Optional<PointCheck> lastCheck() {
    return point.checks().stream().max(Comparator.comparing(PointCheck::at));
  }

  static String word(PointCheck check) {
    return switch (check.kind()) {
      case VERIFICATION -> "verified";
      case RESTORE -> "restored";
      case TEST -> "tested";
    };
  }

  /// What a source was, in its text's name.
  public static String word(Origin.Kind kind) {
    return switch (kind) {
      case BLOCK_DEVICE -> "device";
      case IMAGE -> "image";
      case IMPORT -> "import";
    };
  }

  /// How a source was read, in its text's name.
  public static String word(Origin.State state) {
    return switch (state) {
      case AT_REST -> "atrest";
      case IN_USE -> "inuse";
      case FROZEN -> "frozen";
    };
  }

  boolean held() {
    return point.remarks().hold().isPresent();
  }

  String shortId() {
    return point.id().toString().substring(0, SHORT_ID);
  }

  String machine() {
    return shown(point.machine());
  }

  /// Its label, or its short id.
  String name() {
    return point.remarks().label().map(PointView::shown).orElse(shortId());
  }

  /// What a dot on the line of time says.
  String title() {
    StringBuilder said = new StringBuilder(text.moment(point.created()));
    point.remarks().label().ifPresent(label -> said.append(" · ").append(shown(label)));
    said.append(" · ").append(stateText());
    if (held()) {
      said.append(" · ").append(text.of("backups.held"));
    }
    return said.toString();
  }

  /// The path of its page.
  String path() {
    return path(repository, point);
  }

  static String path(String repository, RestorePoint point) {
    return "/backups/points/" + repository + "/" + point.id();
  }

  /// The path of its machine's page.
  static String machinePath(String repository, String machine) {
    return "/backups/machine?repository=%s&name=%s"
        .formatted(repository, URLEncoder.encode(machine, StandardCharsets.UTF_8));
  }

  /// What a guest wrote, printable.
  static String shown(String text) {
    return DiskPicture.printable(text, TEXT_MAX);
  }

  /// Likewise, of several lines.
  static String shownLines(String text) {
    return text.lines().limit(LINES_MAX).map(PointView::shown).collect(Collectors.joining("\n"));
  }

  /// The address of a place in a point.
  ///
  /// @param what `files`, `file` or `compare`
  String at(String what, String place) {
    return path() + "/" + what + "?at=" + URLEncoder.encode(place, StandardCharsets.UTF_8);
  }
}
