package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.NamePattern;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `calco clone`.
final class CloneCommand extends GroupCommand {

  CloneCommand() {
    super("clone", "Make machines' disks from a template, each with an identity of its own.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", CloneCreateCommand::new),
        new Member("list", ListClones::new),
        new Member("show", Show::new),
        new Member("lint", CloneLintCommand::new),
        new Member("reset", CloneResetCommand::new),
        new Member("flatten", Flatten::new),
        new Member("export-delta", CloneExportDeltaCommand::new),
        new Member("import-delta", CloneImportDeltaCommand::new),
        new Member("delete", CloneDeleteCommand::new));
  }

  /// The clones that patterns mean.
  static List<String> names(Calco calco, List<String> patterns) throws IOException {
    return NamePattern.select(
        patterns, calco.catalog().clones().stream().map(Clone::name).toList());
  }

  static Json.Fields json(CloneReport report) {
    Clone clone = report.facts();
    return Json.object()
        .put("name", clone.name())
        .put("template", clone.template())
        .put("template-version", clone.templateVersion())
        .put("kind", kind(clone))
        .put("disk", clone.disk())
        .put("seed", report.seed())
        .put("format", clone.format())
        .put("virtual-size", clone.virtualSize())
        .put("actual-size", report.allocatedSize())
        .put("hostname", clone.hostname())
        .put("machine-id", clone.machineId())
        .put(
            "ssh-host-keys",
            clone.hostKeys().stream()
                .map(key ->
                    Json.object()
                        .put("type", key.type())
                        .put("fingerprint", key.fingerprint())
                        .put("public-key", key.publicKey()))
                .toList())
        .put("known-hosts", report.knownHosts())
        .put("created-at", clone.createdAt());
  }

  static String kind(Clone clone) {
    return clone.kind().name().toLowerCase(Locale.ROOT);
  }

  private static void print(PrintStream out, CloneReport report) {
    Clone clone = report.facts();
    TemplateCommand.line(out, "name", clone.name());
    TemplateCommand.line(
        out, "template", "%s, version %d".formatted(clone.template(), clone.templateVersion()));
    TemplateCommand.line(out, "kind", kind(clone));
    TemplateCommand.line(out, "disk", clone.disk());
    report.seed().ifPresent(seed -> TemplateCommand.line(out, "seed", seed));
    TemplateCommand.line(out, "format", clone.format());
    TemplateCommand.line(out, "virtual size", Text.size(clone.virtualSize()));
    TemplateCommand.line(out, "disk size", Text.size(report.allocatedSize()));
    TemplateCommand.line(out, "hostname", clone.hostname());
    TemplateCommand.line(out, "machine-id", clone.machineId().orElse("made at the first boot"));
    for (Clone.HostKey key : clone.hostKeys()) {
      TemplateCommand.line(out, "host key", key.type() + " " + key.fingerprint());
    }
    TemplateCommand.line(out, "made at", clone.createdAt());
    if (!clone.hostKeys().isEmpty()) {
      out.println("known_hosts:");
      report.knownHosts().forEach(line -> out.println("  " + Text.safe(line)));
    }
  }

  /// `calco clone list`.
  static final class ListClones extends HomeCommand {
    private final Flag names = words.flag("--names", "Only their names, one a line.");

    ListClones() {
      super("list", "All clones.");
    }

    @Override
    int run(Calco calco) throws IOException {
      List<CloneReport> clones = calco.clones().list();
      if (json()) {
        Json.print(out(), clones.stream().map(CloneCommand::json).toList());
      } else if (names.given()) {
        clones.forEach(clone -> out().println(clone.facts().name()));
      } else if (clones.isEmpty()) {
        say("No clones yet. Make some: calco clone create TEMPLATE NAME …");
      } else {
        Table table = new Table("NAME", "TEMPLATE", "KIND", "SIZE", "ON DISK", "DISK");
        for (CloneReport clone : clones) {
          Clone facts = clone.facts();
          table.add(
              facts.name(),
              facts.template() + " v" + facts.templateVersion(),
              kind(facts),
              Text.size(facts.virtualSize()),
              Files.exists(facts.disk()) ? Text.size(clone.allocatedSize()) : "MISSING",
              facts.disk());
        }
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco clone show`.
  static final class Show extends HomeCommand {
    private final Value<String> name = words.parameter("NAME", String.class, "The clone's name.");

    Show() {
      super("show", "One clone: its disk, its name, its SSH host keys with a known_hosts line.");
    }

    @Override
    int run(Calco calco) throws IOException {
      CloneReport clone = calco.clones().show(name.get());
      if (json()) {
        Json.print(out(), CloneCommand.json(clone));
      } else {
        print(out(), clone);
      }
      return ExitCode.DONE;
    }
  }

  /// A command on clones that are named.
  abstract static class OnClones extends HomeCommand {
    private final Values<String> patterns =
        words.parameters(
            1,
            "NAME",
            String.class,
            "Clones' names; aula-{01..30} means thirty, 'aula-*' all that begin so.");

    OnClones(String name, String... description) {
      super(name, description);
    }

    final List<String> names(Calco calco) throws IOException {
      return CloneCommand.names(calco, patterns.all());
    }

    /// All are there before the first is touched.
    final List<CloneReport> reports(Calco calco) throws IOException {
      List<CloneReport> reports = new ArrayList<>();
      for (String name : names(calco)) {
        reports.add(calco.clones().show(name));
      }
      return reports;
    }

    final void answer(List<CloneReport> changed, String done) {
      if (json()) {
        Json.print(out(), changed.stream().map(CloneCommand::json).toList());
      } else {
        changed.forEach(clone -> say(clone.facts().name() + ": " + done));
      }
    }
  }

  /// `calco clone flatten`.
  static final class Flatten extends OnClones {

    Flatten() {
      super(
          "flatten",
          "Make linked clones independent of their template; the machines are shut off.");
    }

    @Override
    int run(Calco calco) throws IOException {
      List<CloneReport> changed = new ArrayList<>();
      try (Progress progress = progress()) {
        for (CloneReport clone : reports(calco)) {
          changed.add(calco.clones().flatten(clone.facts().name(), progress));
        }
      }
      answer(changed, "independent");
      return ExitCode.DONE;
    }
  }

  static Optional<String> firstFingerprint(Clone clone) {
    return clone.hostKeys().stream().map(Clone.HostKey::fingerprint).findFirst();
  }
}
