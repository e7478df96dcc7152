package io.calco.server.web.backup;

import io.calco.backup.PartitionFacts;
import io.calco.catalog.ImageInspection;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.backup.Restores;
import io.calco.engine.backup.UnusedDisk;
import io.calco.engine.backup.served.PointContents;
import io.calco.engine.backup.served.PointRestores;
import io.calco.engine.backup.served.RestoreOrder;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.images.VolumeFilling;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.calco.server.web.image.DiskPicture;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// `/backups/points/{repository}/{point}/restore`: where to and how; what would happen, in words
/// and as a picture; then it is done, once the target's name is typed.
public final class RestorePage implements Page {
  private static final List<String> FORMATS = List.of("raw", "qcow2", "vmdk", "vpc", "vhdx", "vdi");
  private static final String FILE = "file";

  private final ServedBackups backups;
  private final PointContents contents;
  private final PointRestores restores;

  /// Restores points of these.
  public RestorePage(ServedBackups backups, PointContents contents, PointRestores restores) {
    this.backups = backups;
    this.contents = contents;
    this.restores = restores;
  }

  /// What was asked for, as it was typed.
  ///
  /// @param to `file`, or a device
  /// @param directory one of those that the settings name
  /// @param name of the file
  /// @param format of the file
  /// @param size of a new file; empty for the point's
  /// @param layout `as-saved` …
  /// @param partitions numbers of those that alone are written
  /// @param delta whether only differences are written
  record Typed(
      String to,
      String directory,
      String name,
      String format,
      String size,
      String layout,
      Set<String> partitions,
      boolean delta) {
    Typed {
      partitions = Set.copyOf(partitions);
    }

    /// As an order.
    ///
    /// @throws OperationException USAGE when it cannot be meant
    RestoreOrder order() {
      Set<Integer> numbers = new HashSet<>();
      for (String each : partitions) {
        if (!each.matches("[1-9][0-9]{0,5}")) {
          throw new OperationException(Kind.USAGE, "A partition is named by its number.");
        }
        numbers.add(Integer.valueOf(each));
      }
      if (!FORMATS.contains(format)) {
        throw new OperationException(
            Kind.USAGE, "The format is one of " + String.join(", ", FORMATS) + ".");
      }
      RestoreOrder.Place place =
          to.equals(FILE)
              ? new RestoreOrder.Place.InFile(
                  Path.of(directory),
                  name,
                  Optional.of(format),
                  size.isEmpty()
                      ? OptionalLong.empty()
                      : OptionalLong.of(SizeChange.parseBytes(size)))
              : new RestoreOrder.Place.OnDevice(Path.of(to));
      return new RestoreOrder(place, layout, numbers, delta);
    }
  }

  /// The form.
  ///
  /// @param view the point
  /// @param typed what was typed before
  /// @param directories that may be written to
  /// @param devices that may be written to
  /// @param devicesAllowed whether the settings allow any
  /// @param problem why it cannot be done; empty for nothing
  record Form(
      PointView view,
      Typed typed,
      List<Path> directories,
      List<UnusedDisk> devices,
      boolean devicesAllowed,
      String problem) {
    Form {
      directories = List.copyOf(directories);
      devices = List.copyOf(devices);
    }

    List<String> formats() {
      return FORMATS;
    }

    List<String> layouts() {
      return List.of("as-saved", "grow-last", "proportional");
    }

    List<PartitionFacts> partitions() {
      return view.point().disk().partitions().stream().filter(PartitionFacts::kept).toList();
    }

    boolean nowhere() {
      return directories.isEmpty() && devices.isEmpty();
    }
  }

  /// What would happen.
  ///
  /// @param view the point
  /// @param typed what was asked for
  /// @param plan of it
  /// @param source the point's disk
  /// @param target as it will be
  /// @param sourceWidth of its strip beside the target's, as SVG has it
  /// @param targetWidth likewise
  record Planned(
      PointView view,
      Typed typed,
      Restores.Plan plan,
      Optional<DiskPicture> source,
      Optional<DiskPicture> target,
      String sourceWidth,
      String targetWidth) {
    List<Row> rows() {
      return plan.places().stream()
          .map(place -> new Row(place, place.from().flatMap(view.point().disk()::find)))
          .toList();
    }

    /// The form, as it was filled in.
    String back() {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("to", typed.to());
      fields.put("directory", typed.directory());
      fields.put("name", typed.name());
      fields.put("format", typed.format());
      fields.put("size", typed.size());
      fields.put("layout", typed.layout());
      fields.put("delta", typed.delta() ? "yes" : "");
      List<String> query = new ArrayList<>();
      fields.forEach((name, value) -> query.add(name + "=" + coded(value)));
      typed.partitions().forEach(number -> query.add("partition=" + coded(number)));
      return view.path() + "/restore?" + String.join("&", query);
    }

    private static String coded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /// A partition of the target.
  ///
  /// @param place where it will lie
  /// @param from what of the point comes into it; empty when it is left alone
  record Row(Restores.Place place, Optional<PartitionFacts> from) {
    /// What becomes of it.
    String becomes(Text text) {
      if (from.isEmpty()) {
        return text.of("backups.restore.alone");
      }
      PartitionFacts saved = from.get();
      List<String> said = new ArrayList<>();
      if (saved.number() != place.number()) {
        said.add(text.of("backups.restore.was", text.number(saved.number())));
      }
      if (place.start() != saved.start()) {
        said.add(text.of("backups.restore.moves", text.number(saved.start())));
      }
      if (place.length() != saved.length()) {
        said.add(
            text.of(
                place.length() > saved.length()
                    ? "backups.restore.grows"
                    : "backups.restore.shrinks",
                text.size(saved.length())));
      }
      return said.isEmpty() ? text.of("backups.restore.stays") : String.join(", ", said);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get(PointPage.PATH + "/restore", this::show)
        .get(PointPage.PATH + "/restore/plan", this::plan)
        .post(PointPage.PATH + "/restore", this::restore);
  }

  private View show(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    Typed typed =
        visit.query("to").isEmpty()
            ? new Typed(
                FILE,
                "",
                plain(found.point().machine()) + ".img",
                "raw",
                "",
                "as-saved",
                Set.of(),
                false)
            : asked(visit);
    return form(visit, found, HttpStatus.OK, typed, "");
  }

  /// As a file can be called.
  private static String plain(String machine) {
    String kept = machine.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[^A-Za-z0-9]+", "");
    return kept.isEmpty() ? "disk" : kept.substring(0, Math.min(kept.length(), 100));
  }

  private View form(Visit visit, Found found, HttpStatus status, Typed typed, String problem)
      throws IOException {
    return new View.Html(
        status,
        "backup/restore",
        new Form(
            new PointView(found.repository(), found.point(), visit.text()),
            typed,
            restores.directories(visit.admin()),
            restores.devices(visit.admin()),
            restores.devicesAllowed(),
            problem));
  }

  private static Typed asked(Visit visit) {
    return new Typed(
        visit.query("to"),
        visit.query("directory"),
        visit.query("name").strip(),
        visit.query("format"),
        visit.query("size").strip(),
        visit.query("layout"),
        new HashSet<>(visit.queries("partition")),
        !visit.query("delta").isEmpty());
  }

  private static Typed sent(Visit visit) {
    return new Typed(
        visit.field("to"),
        visit.field("directory"),
        visit.field("name"),
        visit.field("format"),
        visit.field("size"),
        visit.field("layout"),
        new HashSet<>(visit.fields("partition")),
        visit.ticked("delta"));
  }

  private View plan(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    Typed typed = asked(visit);
    try {
      Restores.Plan plan = restores.plan(visit.admin(), found, typed.order());
      return View.page("backup/plan", planned(visit, found, typed, plan));
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      if (told.kind() == Kind.DENIED || told.kind() == Kind.INTERNAL) {
        throw e;
      }
      return form(
          visit, found, HttpStatus.UNPROCESSABLE_CONTENT, typed, String.valueOf(told.getMessage()));
    }
  }

  private View restore(Visit visit) throws IOException {
    Found found = PointPage.find(backups, visit);
    return View.redirect(
        "/jobs/"
            + restores
                .restore(visit.admin(), found, sent(visit).order(), visit.field("word"))
                .id());
  }

  private Planned planned(Visit visit, Found found, Typed typed, Restores.Plan plan) {
    List<VolumeFilling> maps = contents.maps(found);
    long source = found.point().disk().size();
    long larger = Math.max(source, plan.size());
    return new Planned(
        new PointView(found.repository(), found.point(), visit.text()),
        typed,
        plan,
        PointPage.picture(found.point().disk(), maps),
        target(found, plan, maps),
        width(source, larger),
        width(plan.size(), larger));
  }

  private static String width(long size, long of) {
    return String.format(Locale.ROOT, "%.2f%%", Math.max(2, 100.0 * size / Math.max(1, of)));
  }

  /// The target as it will be: each partition with what comes into it, where that begins.
  private static Optional<DiskPicture> target(
      Found found, Restores.Plan plan, List<VolumeFilling> maps) {
    List<ImageInspection.Volume> volumes = new ArrayList<>();
    List<VolumeFilling> fillings = new ArrayList<>();
    for (Restores.Place place : plan.places()) {
      Optional<PartitionFacts> from = place.from().flatMap(found.point().disk()::find);
      volumes.add(
          PointPage.volume(
              place.number(),
              place.start(),
              place.length(),
              from.map(PartitionFacts::typeName).orElse(""),
              from.flatMap(PartitionFacts::content).orElse("")));
      from.ifPresent(saved ->
          maps.stream()
              .filter(map -> map.isOf(OptionalInt.of(saved.number()), ""))
              .findFirst()
              .ifPresent(map ->
                  fillings.add(
                      new VolumeFilling(
                          OptionalInt.of(place.number()),
                          Set.of(),
                          fitted(map.cells(), saved.length(), place.length())))));
    }
    if (volumes.isEmpty()) {
      return Optional.empty();
    }
    return PointPage.picture("", volumes, fillings, plan.size());
  }

  /// Cells of a volume as they lie in one of another length.
  private static List<Integer> fitted(List<Integer> cells, long before, long after) {
    List<Integer> fitted = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      double at = (i + 0.5) / cells.size() * after / before * cells.size();
      fitted.add(at < cells.size() ? cells.get((int) at) : 0);
    }
    return fitted;
  }
}
