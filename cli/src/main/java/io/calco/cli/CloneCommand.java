package io.calco.cli;

import io.calco.catalog.Clone;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco clone`.
@Command(
    name = "clone",
    description = "Make machines' disks from a template, each with an identity of its own.")
final class CloneCommand extends GroupCommand {
  @Override
  List<Member> members() {
    return List.of(
        new Member("create", CloneCreateCommand::new),
        new Member("list", ListClones::new),
        new Member("show", Show::new),
        new Member("reset", Reset::new),
        new Member("flatten", Flatten::new),
        new Member("delete", Delete::new));
  }

  static Json.Fields json(CloneReport report) {
    Clone clone = report.facts();
    return Json.object()
        .put("name", clone.name())
        .put("template", clone.template())
        .put("template-version", clone.templateVersion())
        .put("kind", kind(clone))
        .put("disk", clone.disk())
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
  @Command(name = "list", description = "All clones.")
  static final class ListClones extends HomeCommand {
    @Option(names = "--names", description = "Only their names, one a line.")
    private boolean names;

    @Override
    int run(Calco calco) throws IOException {
      List<CloneReport> clones = calco.clones().list();
      if (json()) {
        Json.print(out(), clones.stream().map(CloneCommand::json).toList());
      } else if (names) {
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
  @Command(
      name = "show",
      description = "One clone: its disk, its name, its SSH host keys with a known_hosts line.")
  static final class Show extends HomeCommand {
    @Parameters(paramLabel = "NAME", description = "The clone's name.")
    private String name = "";

    @Override
    int run(Calco calco) throws IOException {
      CloneReport clone = calco.clones().show(name);
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
    @Parameters(
        arity = "1..*",
        paramLabel = "NAME",
        description = "Clones' names; aula-{01..30} means thirty.")
    private List<String> patterns = new ArrayList<>();

    final List<String> names() {
      return NamePattern.expand(patterns);
    }

    /// All are there before the first is touched.
    final List<CloneReport> reports(Calco calco) throws IOException {
      List<CloneReport> reports = new ArrayList<>();
      for (String name : names()) {
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

  /// `calco clone reset`.
  @Command(
      name = "reset",
      description =
          "Take clones back to their first state: the same machines (name, keys, disks' names), without all that they have done since.")
  static final class Reset extends OnClones {
    @Mixin private Confirmation confirmation = new Confirmation();

    @Override
    int run(Calco calco) throws IOException {
      List<CloneReport> clones = reports(calco);
      confirmation.require(
          "Take %s back to how they were first? All done since is lost: %s."
              .formatted(Text.count(clones.size(), "clone"), String.join(", ", names())));
      List<CloneReport> changed = new ArrayList<>();
      try (Progress progress = progress()) {
        for (CloneReport clone : clones) {
          changed.add(calco.clones().reset(clone.facts().name(), progress));
        }
      }
      answer(changed, "as it was first");
      return ExitCode.DONE;
    }
  }

  /// `calco clone flatten`.
  @Command(
      name = "flatten",
      description = "Make linked clones independent of their template; the machines are shut off.")
  static final class Flatten extends OnClones {
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

  /// `calco clone delete`.
  @Command(name = "delete", description = "Delete clones and their disks.")
  static final class Delete extends OnClones {
    @Mixin private Confirmation confirmation = new Confirmation();

    @Override
    int run(Calco calco) throws IOException {
      List<CloneReport> clones = reports(calco);
      confirmation.require(
          "Delete %s with all on their disks: %s?"
              .formatted(Text.count(clones.size(), "clone"), String.join(", ", names())));
      for (CloneReport clone : clones) {
        calco.clones().delete(clone.facts().name());
      }
      answer(clones, "deleted");
      return ExitCode.DONE;
    }
  }

  static Optional<String> firstFingerprint(Clone clone) {
    return clone.hostKeys().stream().map(Clone.HostKey::fingerprint).findFirst();
  }
}
