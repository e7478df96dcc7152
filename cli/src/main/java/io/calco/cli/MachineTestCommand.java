package io.calco.cli;

import io.calco.engine.machine.BootRequest;
import io.calco.engine.machine.BootTrial;
import io.calco.engine.machine.MachineSource;
import io.calco.machine.BootOutcome;
import java.io.IOException;

/// `calco machine test`.
final class MachineTestCommand extends CommandBase {
  private final MachineSourceFlags source = new MachineSourceFlags(words);
  private final BootFlags flags = new BootFlags(words);

  MachineTestCommand() {
    super(
        "test",
        "Show that a disk boots, in a machine of its own that is thrown away.",
        "It is booted in QEMU on an overlay, with no network unless one is asked for; neither the"
            + " disk nor libvirt's machine is touched. calco backup test does the same with a"
            + " restore point, which remembers it.");
    words.exitCodes("0:it boots", "1:it does not");
    words.examples(
        "calco machine test vm.qcow2",
        "calco machine test debian12 --wait-for port:22",
        "calco machine test --repo /mnt/backups web1@latest --wait-for 'text:Welcome to .*'",
        "calco machine test aula-01 --picture desktop.png --timeout 10m --wait-for agent",
        "calco machine test aula-02 --expect-picture desktop.png");
  }

  @Override
  int run() throws IOException {
    BootRequest request = flags.request();
    return source.use(opened -> test(opened, request));
  }

  private int test(MachineSource opened, BootRequest request) throws IOException {
    String name = Text.safe(opened.name());
    BootTrial trial = new BootTrial(BootTrial.Subject.find(name, opened.disk()), request);
    say("%s is booted %s".formatted(name, request.machine().accelerator().remark()));
    BootOutcome outcome;
    try (Progress progress = progress()) {
      outcome = trial.run(opened.disk(), progress);
    }
    if (json()) {
      Json.print(out(), BootFlags.json(outcome).put("source", opened.name()));
    } else {
      BootFlags.lastLines(outcome).forEach(out()::println);
      out()
          .printf(
              "%s: %s: %s%n",
              name, outcome.reached() ? "booted" : "NOT BOOTED", Text.safe(outcome.what()));
    }
    return outcome.reached() ? ExitCode.DONE : ExitCode.NO;
  }
}
