package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.SizeChange;
import io.calco.engine.machine.MachineRuns;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/// `calco machine run`.
final class MachineRunCommand extends CommandBase {
  private static final long MIB = 1 << 20;

  /// QEMU's words for a screen.
  enum Display {
    none,
    vnc
  }

  private final MachineSourceFlags source = new MachineSourceFlags(words);
  private final Value<Path> keep =
      words.option(
          "--keep",
          "OVERLAY",
          Path.class,
          "Keep what the guest writes in this qcow2 image, made if it is not there: the same command"
              + " goes on with it. Without it all that is thrown away.");
  private final Value<String> memory =
      words.option("--memory", "SIZE", String.class, "1G", "Its memory (default: 1G).");
  private final Value<Integer> processors =
      words.option("--cpus", "N", Integer.class, "1", "Its processors (default: 1).");
  private final Values<String> forwards =
      words.options(
          "--port-forward",
          "HOST:GUEST",
          String.class,
          "Have a TCP port of 127.0.0.1 lead to one of the guest, such as 2222:22; may be repeated.");
  private final Value<Display> display =
      words.option(
          "--display",
          "KIND",
          Display.class,
          "none",
          "Where its screen is seen: vnc, on 127.0.0.1, or none (default: ${DEFAULT-VALUE}).");
  private final Value<String> accelerator = MachineFlags.accelerator(words);
  private final Value<String> firmware =
      words.option(
          "--firmware",
          "NAME",
          String.class,
          "What it starts with: bios or uefi (default: what its guest needs).");
  private final Value<String> bus = MachineFlags.bus(words);

  MachineRunCommand() {
    super(
        "run",
        "Run a throw-away machine in the foreground, from whatever has a disk.",
        "Nothing is copied or restored first: QEMU reads the disk over NBD as it needs it. Its serial"
            + " port is this terminal; it ends when its guest switches it off, or with Ctrl-C."
            + " libvirt is not asked.");
    words.examples(
        "calco machine run vm.qcow2",
        "calco machine run --memory 2G --cpus 2 --port-forward 2222:22 debian12",
        "calco machine run --repo /mnt/backups web1@latest",
        "calco machine run --keep work.qcow2 --display vnc windows.vhdx");
  }

  @Override
  int run() throws IOException {
    MachineRuns.Order order =
        new MachineRuns.Order(
            MachineFlags.accelerator(accelerator),
            firmware.optional().map(text -> MachineFlags.known("firmware", text, Firmware::named)),
            bus.optional().map(text -> MachineFlags.known("bus", text, Bus::named)),
            Math.toIntExact(Math.min(SizeChange.parseBytes(memory.get()) / MIB, 1 << 30)),
            processors.get(),
            forwards.all(),
            display.get() == Display.vnc ? MachineRuns.Screen.VNC : MachineRuns.Screen.NONE,
            keep.optional());
    try (Progress progress = progress()) {
      return source.use(opened ->
          MachineRuns.run(opened, order, remark -> say(Text.safe(remark)), progress) == 0
              ? ExitCode.DONE
              : ExitCode.SYSTEM);
    } catch (CancellationException asked) {
      return ExitCode.DONE; // it is how this ends
    }
  }
}
