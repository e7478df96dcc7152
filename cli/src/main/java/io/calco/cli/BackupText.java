package io.calco.cli;

import io.calco.backup.BackupWork;
import io.calco.backup.DiskFacts;
import io.calco.backup.DomainDisk;
import io.calco.backup.LeftOut;
import io.calco.backup.Origin;
import io.calco.backup.PackageList;
import io.calco.backup.PartitionFacts;
import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.backup.Unread;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Restore points as people and scripts read them.
final class BackupText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private BackupText() {}

  static Json.Raw json(RestorePoint point) {
    return new Json.Raw(RestorePoints.text(point));
  }

  static String time(Instant time) {
    return TIME.format(time);
  }

  private static String day(Instant time) {
    return time(time).substring(0, 10);
  }

  static String seconds(long millis) {
    return millis < 60_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1e3)
        : Text.duration(millis / 1000);
  }

  /// Whose disk it is, and which where it may have several.
  static String disk(RestorePoint point) {
    return point.machine() + point.domain().map(domain -> " " + domain.target()).orElse("");
  }

  /// What of the data was read, when that was not all.
  static String read(BackupWork work) {
    return work.known().isPresent()
        ? " (%s read)".formatted(Text.size(work.data() - work.known().getAsLong()))
        : "";
  }

  /// What stands beside a point in a list.
  static String remarks(RestorePoint point) {
    return Stream.of(
            point.remarks().label().stream(),
            point.remarks().tags().stream().map("#"::concat),
            point.remarks().hold().map("held: "::concat).stream(),
            point.checks().stream()
                .filter(check -> !check.sound())
                .map(check ->
                    (check.kind() == PointCheck.Kind.TEST ? "TEST FAILED: " : "DAMAGED: ")
                        + check.what()),
            point.checks().stream()
                .filter(check -> check.sound() && check.kind() == PointCheck.Kind.TEST)
                .map(check -> "validated " + day(check.at())),
            point.warnings().isEmpty() ? Stream.<String>empty() : Stream.of("(warnings)"))
        .flatMap(text -> text)
        .collect(Collectors.joining(", "));
  }

  /// Everything that is known of a point, as a page.
  static void print(PrintStream out, RestorePoint point) {
    Table table = new Table("point", point.id().toString());
    table.add("machine", point.machine());
    table.add(
        "made",
        time(point.created())
            + " UTC"
            + (point.origin().kind() == Origin.Kind.IMPORT
                ? ""
                : ", in " + seconds(point.work().millis())));
    point.remarks().label().ifPresent(label -> table.add("label", label));
    if (!point.remarks().tags().isEmpty()) {
      table.add("tags", String.join(", ", point.remarks().tags()));
    }
    point.remarks().note().ifPresent(note -> table.add("note", note));
    point.remarks().hold().ifPresent(hold -> table.add("held", hold));
    addOrigin(table, point.origin());
    point.domain().ifPresent(domain -> addDomain(table, domain));
    point
        .system()
        .ifPresent(system -> {
          table.add("system", system.name().orElse(system.id()));
          system.hostName().ifPresent(name -> table.add("host name", name));
          system.packages().ifPresent(count -> table.add("packages", count));
          table.add("boots by", system.bootMode());
        });
    addDisk(table, point.disk());
    point.hardware().ifPresent(hardware -> HardwareText.add(table, hardware));
    if (!point.keys().isEmpty()) {
      table.add("needs", String.join(", ", point.keys()));
    }
    table.add(
        "kept",
        "%s, %s of data%s, %s new, %s stored"
            .formatted(
                Text.size(point.work().kept()),
                Text.size(point.work().data()),
                read(point.work()),
                Text.size(point.work().fresh()),
                Text.size(point.work().stored())));
    for (PointCheck check : point.checks()) {
      table.add(
          check.kind().name().toLowerCase(Locale.ROOT),
          "%s UTC: %s%s"
              .formatted(
                  time(check.at()), check.sound() ? verdict(check) : failure(check), check.what()));
      check.trial().ifPresent(trial -> addTrial(table, trial));
    }
    point.warnings().forEach(warning -> table.add("warning", warning));
    table.print(out);
    if (!point.disk().partitions().isEmpty()) {
      out.println();
      printPartitions(out, point.disk());
    }
    point.unread().ifPresent(unread -> printUnread(out, unread));
  }

  /// The packages' table, and how many they are.
  static void print(PrintStream out, PackageList packages) {
    out.println();
    Table table = new Table("PACKAGE", "VERSION", "ARCHITECTURE");
    for (PackageList.Installed installed : packages.installed()) {
      table.add(
          installed.name(),
          installed.version(),
          installed.architecture().isEmpty() ? "-" : installed.architecture());
    }
    table.print(out);
    out.println();
    out.printf(
        "%s of %s%s.%n",
        Text.count(packages.installed().size(), "package"),
        Text.safe(packages.manager()),
        packages.cut() ? "; there are more" : "");
  }

  static Json.Fields json(PackageList packages) {
    return Json.object()
        .put("manager", packages.manager())
        .put("cut", packages.cut())
        .put(
            "packages",
            packages.installed().stream()
                .map(installed ->
                    Json.object()
                        .put("name", installed.name())
                        .put("version", installed.version())
                        .put("architecture", installed.architecture()))
                .toList());
  }

  private static void printUnread(PrintStream out, Unread unread) {
    out.println();
    Table runs = new Table("NOT READ AT", "BYTES");
    unread.runs().forEach(run -> runs.add(run.start(), run.length()));
    runs.print(out);
    andMore(out, unread.runCount() - unread.runs().size(), "places");
    if (unread.fileCount() > 0) {
      out.println();
      Table files = new Table("FILE", "IN", "BYTES GONE");
      unread.files().forEach(file -> files.add(file.path(), file.volume(), file.bytes()));
      files.print(out);
      andMore(out, unread.fileCount() - unread.files().size(), "files");
    }
  }

  private static void andMore(PrintStream out, int more, String what) {
    if (more > 0) {
      out.printf("and %,d more %s%n", more, what);
    }
  }

  private static String verdict(PointCheck check) {
    return check.kind() == PointCheck.Kind.TEST ? "validated: " : "";
  }

  private static String failure(PointCheck check) {
    return check.kind() == PointCheck.Kind.TEST ? "FAILED: " : "DAMAGED: ";
  }

  private static void addTrial(Table table, PointCheck.Trial trial) {
    table.add(
        "",
        "%s%s, in %s, by %s"
            .formatted(
                String.join(", ", trial.sought()),
                trial.machine().map(machine -> " (" + machine + ")").orElse(""),
                seconds(trial.millis()),
                trial.by()));
  }

  private static void addOrigin(Table table, Origin origin) {
    table.add("from", origin.source());
    origin.model().ifPresent(model -> table.add("model", model));
    origin.serial().ifPresent(serial -> table.add("serial", serial));
    table.add(
        origin.kind() == Origin.Kind.IMPORT ? "imported by" : "by",
        origin.user() + " on " + origin.host());
    switch (origin.state()) {
      case AT_REST -> {}
      case IN_USE -> table.add("state", "taken while it was in use");
      case FROZEN -> table.add("state", "taken while its file systems were held still");
    }
  }

  private static void addDomain(Table table, DomainDisk domain) {
    table.add("machine's id", domain.uuid().toString());
    table.add(
        "its disk",
        domain.targets().size() == 1
            ? domain.target()
            : "%s, of one instant with %s"
                .formatted(
                    domain.target(),
                    domain.targets().stream()
                        .filter(target -> !target.equals(domain.target()))
                        .collect(Collectors.joining(", "))));
  }

  private static void addDisk(Table table, DiskFacts disk) {
    table.add("disk", "%s, %d bytes".formatted(Text.size(disk.size()), disk.size()));
    disk.table()
        .ifPresent(kind ->
            table.add(
                "table",
                "%s%s%s"
                    .formatted(
                        kind,
                        disk.tableUuid().map(uuid -> ", " + uuid).orElse(""),
                        disk.sectorSize()
                            .map(size -> ", sectors of %d bytes".formatted(size))
                            .orElse(""))));
    disk.content().ifPresent(content -> table.add("content", content));
    table.add(
        "coverage",
        switch (disk.coverage()) {
          case WITHOUT_PAGE_FILES -> "what is in use, but for page files";
          case USED -> "what is in use";
          case USED_AND_SWAP -> "what is in use, and swap";
          case EVERY_SECTOR -> "every sector";
        });
    for (LeftOut.Area area : disk.leftOut().map(LeftOut::areas).orElse(List.of())) {
      table.add(
          "left out",
          "%s of %s, %s".formatted(area.what(), area.volume(), Text.size(area.bytes())));
    }
  }

  private static void printPartitions(PrintStream out, DiskFacts disk) {
    Table table = new Table("NO", "START", "SIZE", "TYPE", "CONTENT", "USED", "LABEL", "UUID");
    for (PartitionFacts partition : disk.partitions()) {
      table.add(
          partition.number(),
          partition.start(),
          Text.size(partition.length()),
          partition.typeName(),
          partition.extended()
              ? "-"
              : partition.content().orElse("?") + (partition.kept() ? "" : " (not kept)"),
          partition.used().isPresent() ? Text.size(partition.used().getAsLong()) : "-",
          partition.label().orElse("-"),
          partition.uuid().orElse("-"));
    }
    table.print(out);
  }
}
