package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.machine.MachineDeletion;
import io.calco.engine.machine.MachineDeletion.Disks;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco machine delete`.
final class MachineDeleteCommand extends MachineStateCommand {
  private final Flag keep = words.flag("--keep-disk", "Leave their disks where they are.");
  private final Flag dryRun =
      words.flag("--dry-run", "Say what would be deleted, and delete nothing.");
  private final Confirmation confirmation = new Confirmation(words);

  MachineDeleteCommand() {
    super(
        "delete",
        "Delete machines that are off, with their disks.",
        "Refused where a disk is a template's, other disks rest on it, or another machine has it; a"
            + " clone's goes as with calco clone delete.");
    words.examples(
        "calco machine delete web1 --dry-run", "calco machine delete aula-{01..30} --keep-disk");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    List<MachineDeletion> deletions = new ArrayList<>();
    for (String name : names()) {
      deletions.add(machines.deletion(name, keep.given() ? Disks.KEEP : Disks.DELETE));
    }
    if (!dryRun.given()) {
      confirmation.require(
          "Delete %s%s: %s?"
              .formatted(
                  Text.count(deletions.size(), "machine"),
                  keep.given() ? "" : " with all on their disks",
                  String.join(", ", names())));
      for (MachineDeletion deletion : deletions) {
        machines.delete(deletion);
      }
    }
    if (json()) {
      Json.print(out(), deletions.stream().map(this::json).toList());
    } else {
      String would = dryRun.given() ? "would be " : "";
      for (MachineDeletion deletion : deletions) {
        say(would + "deleted: machine " + deletion.machine().name());
        files(deletion).forEach(file -> say(would + "deleted: " + file));
      }
    }
    return ExitCode.DONE;
  }

  private static List<String> files(MachineDeletion deletion) {
    return deletion.disks().stream()
        .map(MachineReport.Disk::facts)
        .flatMap(disk -> disk.file().stream())
        .map(Object::toString)
        .toList();
  }

  private Json.Fields json(MachineDeletion deletion) {
    return Json.object()
        .put("name", deletion.machine().name())
        .put("deleted", !dryRun.given())
        .put("disks", files(deletion));
  }
}
