package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.audit.Actor;
import io.calco.engine.machine.CloneDeletion.Fate;
import io.calco.engine.machine.CloneMachine;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.TemplateDeletion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `calco template delete`.
final class TemplateDeleteCommand extends HomeCommand {
  private final Value<String> name = words.parameter("NAME", String.class, "The template's name.");

  private final Flag flatten =
      words.flag("--flatten-children", "Make linked clones independent first.");
  private final Flag cascade =
      words.flag(
          "--cascade",
          "Delete linked clones too, and libvirt's machines that ran them; refused while one runs.");
  private final Flag keep =
      words.flag(
          "--keep-machine", "With --cascade: leave libvirt's machines, which have no disk then.");

  private final Confirmation confirmation = new Confirmation(words);

  private final Flag dryRun =
      words.flag("--dry-run", "Say what would be deleted, and delete nothing.");

  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  TemplateDeleteCommand() {
    super(
        "delete",
        "Delete a template with all its versions.",
        "Refused while linked clones rest on it. A disk that was sealed in place stays, without "
            + "its seal; disks in the pool go.");
    words.oneOf(flatten, cascade);
    words.examples(
        "calco template delete debian12 --flatten-children",
        "calco template delete debian12 --cascade --dry-run");
  }

  @Override
  int run(Calco calco) throws IOException {
    if (keep.given() && !cascade.given()) {
      throw new OperationException(Kind.USAGE, "--keep-machine goes with --cascade");
    }
    if (!cascade.given()) {
      Dependents dependents = flatten.given() ? Dependents.FLATTEN : Dependents.REFUSE;
      Templates.Deletion deletion = calco.templates().previewDelete(name.get(), dependents);
      return carryOut(
          new Plan(deletion, dependents, List.of()),
          progress -> calco.templates().delete(name.get(), dependents, progress));
    }
    try (@Nullable Machines machines = connect.find(calco).orElse(null)) {
      TemplateDeletion deletion =
          TemplateDeletion.plan(
              calco,
              Optional.ofNullable(machines),
              Actor.command(),
              name.get(),
              keep.given() ? Fate.KEEP : Fate.UNDEFINE);
      List<String> undefined = deletion.undefined().stream().map(CloneMachine::name).toList();
      return carryOut(new Plan(deletion.disks(), Dependents.DELETE, undefined), deletion::carryOut);
    }
  }

  /// What goes.
  private record Plan(Templates.Deletion deletion, Dependents dependents, List<String> machines) {}

  @FunctionalInterface
  private interface Deed {
    void with(Progress progress) throws IOException;
  }

  private int carryOut(Plan plan, Deed deed) throws IOException {
    if (!dryRun.given()) {
      confirmation.require(question(plan));
      try (Progress progress = progress()) {
        deed.with(progress);
      }
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("name", name.get())
              .put("deleted", !dryRun.given())
              .put("disks", plan.deletion().disks())
              .put("unsealed", plan.deletion().unsealed())
              .put("linked-clones", plan.deletion().linkedClones())
              .put("machines", plan.machines()));
    } else {
      tell(plan, dryRun.given() ? "would be " : "");
    }
    return ExitCode.DONE;
  }

  private void tell(Plan plan, String would) {
    plan.deletion().disks().forEach(disk -> say(would + "deleted: " + disk));
    plan.deletion().unsealed().forEach(disk -> say(would + "unsealed, and stays: " + disk));
    String fate = plan.dependents() == Dependents.FLATTEN ? "independent: " : "deleted: ";
    plan.deletion().linkedClones().forEach(clone -> say(would + fate + clone));
    plan.machines().forEach(machine -> say(would + "deleted: machine " + Text.safe(machine)));
  }

  private String question(Plan plan) {
    Templates.Deletion deletion = plan.deletion();
    String clones =
        deletion.linkedClones().isEmpty()
            ? ""
            : " and "
                + (plan.dependents() == Dependents.FLATTEN ? "make independent" : "DELETE")
                + " its clones "
                + String.join(", ", deletion.linkedClones());
    String machines =
        plan.machines().isEmpty() ? "" : ", and " + Text.count(plan.machines().size(), "machine");
    return "Delete template %s (%s)%s%s?"
        .formatted(name.get(), Text.count(deletion.disks().size(), "version"), clones, machines);
  }
}
