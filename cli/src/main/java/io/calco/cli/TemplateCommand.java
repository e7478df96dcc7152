package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.TemplateReport;
import io.calco.engine.Templates;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/// `calco template`.
final class TemplateCommand extends GroupCommand {

  TemplateCommand() {
    super("template", "Make a machine's disk into a sealed template, and look after it.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", TemplateCreateCommand::new),
        new Member("list", ListTemplates::new),
        new Member("show", Show::new),
        new Member("verify", Verify::new),
        new Member("update", TemplateUpdateCommand::new),
        new Member("rename", Rename::new),
        new Member("delete", TemplateDeleteCommand::new));
  }

  static Json.Fields json(TemplateReport template) {
    return Json.object()
        .put("name", template.name())
        .put("version", template.version())
        .put("disk", template.disk())
        .put("format", template.format())
        .put("virtual-size", template.virtualSize())
        .put("actual-size", template.allocatedSize())
        .put("sealed", template.sealed())
        .put("seal", template.seal().name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .put("sha256", template.sha256())
        .put("sealed-at", template.sealedAt())
        .put("source", template.source())
        .put("os", template.os())
        .put("clones", template.clones());
  }

  static void print(PrintStream out, TemplateReport template) {
    line(out, "name", template.name());
    line(out, "version", template.version());
    line(out, "system", template.os());
    line(out, "disk", template.disk());
    line(out, "format", template.format());
    line(out, "virtual size", Text.size(template.virtualSize()));
    line(out, "disk size", Text.size(template.allocatedSize()));
    line(out, "seal", seal(template));
    line(out, "SHA-256", template.sha256());
    line(out, "sealed at", template.sealedAt());
    line(out, "made from", template.source());
    line(
        out, "clones", template.clones().isEmpty() ? "none" : String.join(", ", template.clones()));
  }

  private static String seal(TemplateReport template) {
    return switch (template.seal()) {
      case BROKEN -> "broken";
      case READ_ONLY -> "read-only";
      case IMMUTABLE -> "read-only and immutable";
    };
  }

  static void line(PrintStream out, String label, Object value) {
    out.printf("%-14s%s%n", label + ":", Text.safe(value.toString()));
  }

  /// `calco template list`.
  static final class ListTemplates extends HomeCommand {

    ListTemplates() {
      super("list", "All templates, each with its newest version.");
    }

    @Override
    int run(Calco calco) throws IOException {
      List<TemplateReport> templates = calco.templates().list();
      if (json()) {
        Json.print(out(), templates.stream().map(TemplateCommand::json).toList());
      } else if (templates.isEmpty()) {
        say("No templates yet. Make one: calco template create DISK --name NAME");
      } else {
        Table table = new Table("NAME", "VERSION", "SYSTEM", "SIZE", "ON DISK", "SEALED", "CLONES");
        for (TemplateReport template : templates) {
          table.add(
              template.name(),
              template.version(),
              template.os(),
              Text.size(template.virtualSize()),
              Text.size(template.allocatedSize()),
              template.sealed() ? "yes" : "NO",
              template.clones().size());
        }
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco template show`.
  static final class Show extends HomeCommand {
    private final Value<String> name =
        words.parameter("NAME", String.class, "The template's name.");

    private final Value<Integer> version =
        words.option("--version-number", "N", Integer.class, "Which version.");

    Show() {
      super("show", "One template: its newest version, or one that is named.");
    }

    @Override
    int run(Calco calco) throws IOException {
      TemplateReport template = calco.templates().show(name.get(), version.optional());
      if (json()) {
        Json.print(out(), TemplateCommand.json(template));
      } else {
        print(out(), template);
      }
      return ExitCode.DONE;
    }
  }

  /// `calco template verify`.
  static final class Verify extends HomeCommand {
    private final Value<String> name =
        words.parameter("NAME", String.class, "The template's name.");

    private final Value<Integer> version =
        words.option("--version-number", "N", Integer.class, "Only this version (default: all).");

    Verify() {
      super(
          "verify",
          "Read a template's disks whole and compare them with what was sealed.",
          "Names every clone that suffers from what is found.");
      words.exitCodes("0:as it was sealed", "1:something was changed, moved, cut or deleted");
    }

    @Override
    int run(Calco calco) throws IOException {
      List<Templates.Verification> all;
      try (Progress progress = progress()) {
        all = calco.templates().verify(name.get(), version.optional(), progress);
      }
      boolean sound = all.stream().allMatch(found -> found.problems().isEmpty());
      if (json()) {
        Json.print(
            out(),
            all.stream()
                .map(found ->
                    Json.object()
                        .put("name", found.template().name())
                        .put("version", found.template().version())
                        .put("disk", found.template().disk())
                        .put("sound", found.problems().isEmpty())
                        .put("problems", found.problems())
                        .put("suffers", found.suffers()))
                .toList());
      } else {
        all.forEach(this::print);
      }
      return sound ? ExitCode.DONE : ExitCode.NO;
    }

    private void print(Templates.Verification found) {
      String subject =
          "%s, version %d: ".formatted(found.template().name(), found.template().version());
      if (found.problems().isEmpty()) {
        out().println(subject + "as it was sealed");
      }
      found.problems().forEach(problem -> out().println(subject + Text.safe(problem)));
      if (!found.suffers().isEmpty()) {
        out().println("  suffering clones: " + String.join(", ", found.suffers()));
      }
    }
  }

  /// `calco template rename`.
  static final class Rename extends HomeCommand {
    private final Value<String> name =
        words.parameter("NAME", String.class, "The template's name.");

    private final Value<String> newName =
        words.parameter("NEW-NAME", String.class, "Its name from now on.");

    Rename() {
      super(
          "rename",
          "Give a template another name; its disks keep theirs, as clones refer to them.");
    }

    @Override
    int run(Calco calco) throws IOException {
      calco.templates().rename(name.get(), newName.get());
      say("template %s is now %s".formatted(name.get(), newName.get()));
      return ExitCode.DONE;
    }
  }
}
