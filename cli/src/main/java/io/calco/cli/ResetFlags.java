package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.CloneReport;
import io.calco.engine.machine.CloneMachine;
import io.calco.engine.machine.MachineReset;
import io.calco.engine.machine.MachineReset.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// How clones are reset, whether they are named or a class's.
final class ResetFlags {
  private final Flag stop;
  private final Flag dryRun;
  private final Confirmation confirmation;

  ResetFlags(Syntax words) {
    stop =
        words.flag(
            "--stop", "Stop machines that run, at once, and start them again when all are reset.");
    dryRun = words.flag("--dry-run", "Say what would be reset, and reset nothing.");
    confirmation = new Confirmation(words);
  }

  Running running() {
    return stop.given() ? Running.STOP : Running.REFUSE;
  }

  /// Asks, resets, and answers.
  ///
  /// @param pace between one machine's start and the next one's
  int carryOut(CommandBase command, MachineReset reset, Duration pace) throws IOException {
    if (dryRun.given()) {
      tell(command, reset);
      return ExitCode.DONE;
    }
    confirmation.require(
        "Take %s back to how they were first? All done since is lost: %s."
            .formatted(
                Text.count(reset.clones().size(), "clone"), String.join(", ", reset.clones())));
    List<CloneReport> changed;
    try (Progress progress = command.progress()) {
      changed = reset.carryOut(pace, progress);
    }
    if (command.json()) {
      Json.print(command.out(), changed.stream().map(CloneCommand::json).toList());
    } else {
      changed.forEach(clone -> command.say(clone.facts().name() + ": as it was first"));
    }
    return ExitCode.DONE;
  }

  private static void tell(CommandBase command, MachineReset reset) {
    Set<String> running =
        reset.running().stream().map(CloneMachine::ofClone).collect(Collectors.toSet());
    if (command.json()) {
      Json.print(
          command.out(),
          reset.clones().stream()
              .map(name ->
                  Json.object()
                      .put("name", name)
                      .put("reset", false)
                      .put("running", running.contains(name)))
              .toList());
    } else {
      for (String name : reset.clones()) {
        command.say(
            "would be reset: "
                + name
                + (running.contains(name) ? ", its machine stopped and started again" : ""));
      }
    }
  }
}
