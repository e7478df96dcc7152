package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.CloneRequest;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.ClassResize;
import io.calco.engine.classroom.Classes;
import io.calco.engine.classroom.Seat;
import io.calco.engine.machine.CloneDeletion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `calco class resize`.
final class ClassResizeCommand extends ClassCommand.OnClass {
  private final Value<Integer> seats =
      words.parameter("SEATS", Integer.class, "How many it has then: 1 to this number.");
  private final GuestKeys keys = new GuestKeys(words);
  private final PersonaliseFlags personalise = new PersonaliseFlags(words);
  private final Flag dryRun =
      words.flag("--dry-run", "Say which seats would come or go, and change nothing.");
  private final Confirmation confirmation = new Confirmation(words);

  ClassResizeCommand() {
    super(
        "resize",
        "Give a class more or fewer seats.",
        "More: of the same version of the template, with machines as the first seat's where that has"
            + " one. What else the first ones were given is not kept: say it again. Fewer: the last"
            + " ones go with all on their disks, and their machines.");
    words.examples(
        "calco class resize 2-ASIR 32 --authorized-key ~/.ssh/id_ed25519.pub",
        "calco class resize 2-ASIR 24 --dry-run");
  }

  @Override
  int run(Classes classes) throws IOException {
    ClassResize resize = classes.resize(name(), seats.get());
    CloneDeletion deletion = classes.deletion(resize.removed());
    if (dryRun.given()) {
      tell(resize);
      return ExitCode.DONE;
    }
    if (!resize.removed().isEmpty()) {
      confirmation.require(CloneDeleteCommand.question(deletion));
    }
    ClassReport report = resize.before();
    if (!resize.added().isEmpty()) {
      CloneRequest clones =
          resize.clones(
              personalise.personalisation(resize.names()),
              new CloneRequest.Keys(keys.ofVolumes(), MasterKeys.KEPT, Optional.empty()));
      try (Progress progress = progress()) {
        report = classes.grow(resize, clones, progress);
      }
    }
    if (!resize.removed().isEmpty()) {
      report = classes.shrink(resize, deletion);
    }
    answer(report);
    return ExitCode.DONE;
  }

  private void tell(ClassResize resize) {
    List<String> removed = resize.removed().stream().map(Seat::name).toList();
    if (json()) {
      Json.print(
          out(),
          Json.object().put("name", name()).put("added", resize.names()).put("removed", removed));
    } else {
      resize.names().forEach(one -> say("would be made: " + one));
      removed.forEach(one -> say("would be deleted: " + one));
    }
  }
}
