package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.machine.CloneDeletion;
import io.calco.engine.machine.CloneDeletion.Fate;
import io.calco.engine.machine.CloneMachine;
import io.calco.engine.machine.Machines;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `calco clone delete`.
final class CloneDeleteCommand extends CloneCommand.OnClones {
  private final Flag keep =
      words.flag("--keep-machine", "Leave libvirt's machines, which have no disk then.");
  private final Confirmation confirmation = new Confirmation(words);
  private final MachineCommand.Connect connect = new MachineCommand.Connect(words);

  CloneDeleteCommand() {
    super(
        "delete",
        "Delete clones and their disks, and libvirt's machines that ran them.",
        "Refused while a machine runs, or where it has other disks as well.");
    words.examples("calco clone delete 'aula-*'", "calco clone delete web1 --keep-machine");
  }

  @Override
  int run(Calco calco) throws IOException {
    List<String> names = names(calco);
    try (@Nullable Machines machines = connect.find(calco).orElse(null)) {
      CloneDeletion deletion =
          CloneDeletion.plan(
              calco,
              Optional.ofNullable(machines),
              Actor.command(),
              names,
              keep.given() ? Fate.KEEP : Fate.UNDEFINE);
      confirmation.require(question(deletion));
      deletion.carryOut();
      answer(deletion.clones(), "deleted");
      if (!json()) {
        deletion.undefined().forEach(machine -> say("deleted: machine " + machine.name()));
      }
    }
    return ExitCode.DONE;
  }

  static String question(CloneDeletion deletion) {
    List<String> clones = deletion.clones().stream().map(clone -> clone.facts().name()).toList();
    List<String> machines = deletion.undefined().stream().map(CloneMachine::name).toList();
    return "Delete %s with all on their disks: %s%s?"
        .formatted(
            Text.count(clones.size(), "clone"),
            String.join(", ", clones),
            machines.isEmpty() ? "" : "; and " + Text.count(machines.size(), "machine"));
  }
}
