package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.RestoreTest;
import io.calco.engine.backup.RestoreTestRequest;
import io.calco.engine.backup.RestoreTestRequest.Boot;
import io.calco.engine.backup.RestoreTestRequest.Checkers;
import io.calco.engine.backup.VolumeCheck;
import io.calco.machine.BootOutcome;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// `calco backup test`.
final class BackupTestCommand extends BackupCommand.OnRepository {
  private static final int LINES_SHOWN = 15;

  private final GuestKeys keys = new GuestKeys(words);
  private final Flag boot =
      words.flag("--boot", "Boot it, and refuse the test where that cannot be done here.");
  private final Flag noBoot = words.flag("--no-boot", "Do not boot it.");
  private final Value<String> waitFor =
      words.option(
          "--wait-for",
          "WHAT",
          String.class,
          "What shows that the machine is up: login (the default; asked on the serial port, on hvc0"
              + " or on a screen in text mode), agent (QEMU's guest agent), port:N, text:REGEX.");
  private final Value<String> timeout =
      words.option(
          "--timeout",
          "TIME",
          String.class,
          "5m",
          "How long that may take, such as 90s, 5m, 1h (default: 5m).");
  private final Value<Integer> memory =
      words.option(
          "--memory", "MIB", Integer.class, "1024", "The machine's memory in MiB (default: 1024).");
  private final Value<Integer> processors =
      words.option(
          "--processors", "N", Integer.class, "1", "The machine's processors (default: 1).");
  private final Value<String> accelerator = MachineFlags.accelerator(words);
  private final Value<String> firmware =
      words.option(
          "--firmware",
          "NAME",
          String.class,
          "What it starts with: bios or uefi (default: as the machine did that was backed up).");
  private final Value<String> bus = MachineFlags.bus(words);
  private final Flag hostCheckers =
      words.flag(
          "--host-checkers",
          "Have file systems checked by this host's programs, too: e2fsck -fn, xfs_repair -n,"
              + " ntfsfix -n, fsck.fat -n, btrfs check. Needs FUSE.");
  private final Value<Path> screenshot =
      words.option(
          "--keep-screenshot",
          "FILE",
          Path.class,
          "Keep a picture of the screen as it was at the end (PNG).");
  private final Value<String> point = words.parameter("POINT", String.class, BackupCommand.POINT);

  BackupTestCommand() {
    super(
        "test",
        "Show that a restore point works, without restoring it.",
        "Reads its file systems, and boots it in QEMU, with no network, on an overlay that is"
            + " thrown away. The point remembers what came of it.");
    words.oneOf(boot, noBoot);
    words.exitCodes("0:it works", "1:something is amiss, or it does not boot");
    words.examples(
        "calco backup test latest",
        "calco backup test web1@latest --wait-for port:22 --keep-screenshot web1.png",
        "calco backup test latest --no-boot --host-checkers");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    RestoreTestRequest request = request();
    RestorePoint found = repository.find(point.get());
    RestoreTest.Outcome outcome;
    try (Progress progress = progress()) {
      outcome = RestoreTest.run(repository, found, request, progress);
    }
    if (json()) {
      Json.print(out(), json(outcome));
    } else {
      print(outcome);
    }
    outcome
        .unrecorded()
        .ifPresent(why -> say("calco: the test is not recorded: " + Text.safe(why)));
    return outcome.check().sound() ? ExitCode.DONE : ExitCode.NO;
  }

  private RestoreTestRequest request() throws IOException {
    return new RestoreTestRequest(
        boot.given() ? Boot.REQUIRED : noBoot.given() ? Boot.LEFT_OUT : Boot.IF_POSSIBLE,
        waitFor.optional().map(BackupTestCommand::expectation),
        TimeSpan.parse(timeout.get()),
        new RestoreTestRequest.Machine(
            MachineFlags.accelerator(accelerator),
            firmware.optional().map(name -> MachineFlags.known("firmware", name, Firmware::named)),
            bus.optional().map(name -> MachineFlags.known("bus", name, Bus::named)),
            memory.get(),
            processors.get()),
        hostCheckers.given() ? Checkers.ALSO_THE_HOSTS : Checkers.OWN,
        keys.ofVolumes(),
        screenshot.optional());
  }

  private static Expectation expectation(String text) {
    try {
      return Expectation.parse(text);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private void print(RestoreTest.Outcome outcome) {
    for (VolumeCheck check : outcome.volumes()) {
      out()
          .printf(
              "%s%s: %s%s%n",
              Text.safe(check.volume()),
              check.content().isEmpty() ? "" : ", " + Text.safe(check.content()),
              switch (check.result()) {
                case SOUND -> check.by().equals("calco") ? "" : check.by() + ": ";
                case DAMAGED -> "DAMAGED: " + (check.by().equals("calco") ? "" : check.by() + ": ");
                case NOT_CHECKED -> "not checked: ";
              },
              Text.safe(check.what()));
    }
    outcome
        .boot()
        .ifPresent(result -> {
          if (!result.reached()) {
            lastLines(result).forEach(line -> out().println("  | " + Text.safe(line)));
          }
        });
    outcome.notBooted().ifPresent(why -> out().println("not booted: " + Text.safe(why)));
    out()
        .printf(
            "%s %s: %s: %s%n",
            BackupRepository.shortId(outcome.point()),
            Text.safe(outcome.point().machine()),
            outcome.check().sound() ? "validated" : "FAILED",
            Text.safe(outcome.check().what()));
  }

  private static List<String> lastLines(BootOutcome outcome) {
    List<String> lines = outcome.console().lines().toList();
    return lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size());
  }

  private static Json.Fields json(RestoreTest.Outcome outcome) {
    return Json.object()
        .put("id", outcome.point().id())
        .put("machine", outcome.point().machine())
        .put("sound", outcome.check().sound())
        .put("what", outcome.check().what())
        .put("recorded", outcome.unrecorded().isEmpty())
        .put(
            "volumes",
            outcome.volumes().stream()
                .map(check ->
                    Json.object()
                        .put("volume", check.volume())
                        .put("content", check.content())
                        .put("by", check.by())
                        .put(
                            "result",
                            check.result().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .put("what", check.what()))
                .toList())
        .put("boot", outcome.boot().map(BackupTestCommand::json))
        .put("not-booted", outcome.notBooted());
  }

  private static Json.Fields json(BootOutcome outcome) {
    return Json.object()
        .put("reached", outcome.reached())
        .put("what", outcome.what())
        .put("millis", outcome.took().toMillis())
        .put("console", outcome.console());
  }
}
