package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Classes;
import io.calco.engine.classroom.Seat;
import io.calco.engine.machine.Machines;
import io.calco.machine.libvirt.DomainState;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `calco class`.
final class ClassCommand extends GroupCommand {

  ClassCommand() {
    super("class", "A room of machines as one: linked clones of a template, each at a seat.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", ClassCreateCommand::new),
        new Member("list", ListClasses::new),
        new Member("show", Show::new),
        new Member("start", ClassStateCommand.Start::new),
        new Member("stop", ClassStateCommand.StopMachines::new),
        new Member("reset", ClassResetCommand::new),
        new Member("freeze", ClassStateCommand.Freeze::new),
        new Member("thaw", ClassStateCommand.Thaw::new),
        new Member("collect", ClassCollectCommand::new),
        new Member("resize", ClassResizeCommand::new),
        new Member("set", ClassSetCommand::new),
        new Member("delete", ClassDeleteCommand::new));
  }

  /// A command on classes, and on their machines where a libvirt has some.
  abstract static class OnClasses extends HomeCommand {
    private final MachineCommand.Connect connect;

    OnClasses(String name, String... description) {
      super(name, description);
      connect = new MachineCommand.Connect(words);
    }

    @Override
    final int run(Calco calco) throws IOException {
      try (@Nullable Machines machines = connect.find(calco).orElse(null)) {
        return run(calco, new Classes(calco, Optional.ofNullable(machines), Actor.command()));
      }
    }

    /// Does the work; the exit code.
    abstract int run(Calco calco, Classes classes) throws IOException;

    /// Says how the class is now.
    final void answer(ClassReport report) {
      if (json()) {
        Json.print(out(), ClassCommand.json(report));
      } else if (!quiet()) {
        print(report);
      }
    }

    private void print(ClassReport report) {
      TemplateCommand.line(out(), "class", report.name());
      TemplateCommand.line(out(), "template", origin(report));
      TemplateCommand.line(out(), "seats", seats(report));
      TemplateCommand.line(out(), "quota", quota(report));
      TemplateCommand.line(out(), "pace", pace(report.facts().pace()));
      TemplateCommand.line(out(), "disk size", Text.size(report.allocatedSize()));
      out().println();
      Table table = new Table("SEAT", "NAME", "STATE", "FROZEN", "ON DISK");
      for (Seat seat : report.seats()) {
        table.add(
            seat.number(),
            seat.name(),
            seat.machine().map(machine -> machine.state().label()).orElse("no machine"),
            seat.frozen() ? "yes" : "no",
            Text.size(seat.disk().allocatedSize()) + (seat.overQuota() ? ", over quota" : ""));
      }
      table.print(out());
    }
  }

  /// A command on one class.
  abstract static class OnClass extends OnClasses {
    private final Value<String> name = words.parameter("CLASS", String.class, "The class's name.");

    OnClass(String name, String... description) {
      super(name, description);
    }

    final String name() {
      return name.get();
    }

    @Override
    final int run(Calco calco, Classes classes) throws IOException {
      return run(classes);
    }

    /// Does the work; the exit code.
    abstract int run(Classes classes) throws IOException;
  }

  private static String origin(ClassReport report) {
    return report.origin().map(ClassReport.Origin::toString).orElse("deleted");
  }

  private static String seats(ClassReport report) {
    return "%d, %d running, %d frozen"
        .formatted(report.seats().size(), report.active(), report.frozen());
  }

  private static String quota(ClassReport report) {
    return report.facts().quota().isPresent()
        ? Text.size(report.facts().quota().getAsLong()) + " for each seat's disk"
        : "none";
  }

  private static String pace(Duration pace) {
    return pace.isZero() ? "all at once" : Text.duration(pace.toSeconds());
  }

  static Json.Fields json(ClassReport report) {
    return Json.object()
        .put("name", report.name())
        .put("template", report.origin().map(ClassReport.Origin::template))
        .put("template-version", report.origin().map(ClassReport.Origin::version))
        .put("prefix", report.facts().prefix())
        .put(
            "quota",
            report.facts().quota().isPresent()
                ? Optional.of(report.facts().quota().getAsLong())
                : Optional.empty())
        .put("pace-seconds", report.facts().pace().toSeconds())
        .put("running", report.active())
        .put("frozen", report.frozen())
        .put("actual-size", report.allocatedSize())
        .put("seats", report.seats().stream().map(ClassCommand::json).toList())
        .put("created-at", report.facts().createdAt());
  }

  private static Json.Fields json(Seat seat) {
    return Json.object()
        .put("seat", seat.number())
        .put("name", seat.name())
        .put("disk", seat.disk().facts().disk())
        .put("actual-size", seat.disk().allocatedSize())
        .put("over-quota", seat.overQuota())
        .put("machine", seat.machine().map(machine -> machine.name()))
        .put("state", seat.machine().map(machine -> machine.state()).map(DomainState::code))
        .put("frozen", seat.frozen());
  }

  /// `calco class list`.
  static final class ListClasses extends OnClasses {
    ListClasses() {
      super("list", "All classes.");
      words.examples("calco class list");
    }

    @Override
    int run(Calco calco, Classes classes) throws IOException {
      List<ClassReport> all = classes.list();
      if (json()) {
        Json.print(out(), all.stream().map(ClassCommand::json).toList());
      } else if (all.isEmpty()) {
        say("No classes yet. Make one: calco class create NAME --template TEMPLATE --seats 30");
      } else {
        Table table =
            new Table("NAME", "TEMPLATE", "SEATS", "RUNNING", "FROZEN", "OVER QUOTA", "ON DISK");
        for (ClassReport report : all) {
          table.add(
              report.name(),
              origin(report),
              report.seats().size(),
              report.active(),
              report.frozen(),
              report.seats().stream().filter(Seat::overQuota).count(),
              Text.size(report.allocatedSize()));
        }
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco class show`.
  static final class Show extends OnClass {
    Show() {
      super("show", "One class: its seats, what their machines do, what their disks take.");
      words.examples("calco class show 2-ASIR", "calco class show 2-ASIR --output json");
    }

    @Override
    int run(Classes classes) throws IOException {
      answer(classes.show(name()));
      return ExitCode.DONE;
    }
  }
}
