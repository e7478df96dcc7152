package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.TimeSpan;
import io.calco.engine.machine.BootRequest;
import io.calco.machine.BootOutcome;
import io.calco.machine.BootPlan.Network;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How it is tried whether a disk boots, and what came of it.
final class BootFlags {
  private static final int LINES_SHOWN = 15;
  private static final long MIB = 1 << 20;

  private final Value<String> waitFor;
  private final Value<Path> expectPicture;
  private final Value<String> timeout;
  private final Value<String> memory;
  private final Value<Integer> processors;
  private final Value<String> accelerator;
  private final Value<String> firmware;
  private final Value<String> bus;
  private final Flag network;
  private final Value<Path> picture;

  BootFlags(Syntax words) {
    waitFor =
        words.option(
            "--wait-for",
            "WHAT",
            String.class,
            "What shows that the machine is up: login (the default; asked on the serial port, on"
                + " hvc0 or on a screen in text mode), agent (QEMU's guest agent), port:N,"
                + " text:REGEX.");
    expectPicture =
        words.option(
            "--expect-picture",
            "FILE",
            Path.class,
            "Wait until its screen looks like this picture (PNG), as --picture or machine"
                + " screenshot keeps one; a cursor or a clock may differ.");
    timeout =
        words.option(
            "--timeout",
            "TIME",
            String.class,
            "5m",
            "How long that may take, such as 90s, 5m, 1h (default: 5m).");
    memory =
        words.option(
            "--memory",
            "SIZE",
            String.class,
            "1G",
            "The machine's memory; a number alone is MiB (default: 1G).");
    processors =
        words.option(
            "--cpus, --processors",
            "N",
            Integer.class,
            "1",
            "The machine's processors (default: 1).");
    accelerator = MachineFlags.accelerator(words);
    firmware =
        words.option(
            "--firmware",
            "NAME",
            String.class,
            "What it starts with: bios or uefi (default: what the disk is known to start with).");
    bus = MachineFlags.bus(words);
    network =
        words.flag("--network", "Let it reach the network, as a program of yours does (NAT).");
    picture =
        words.option(
            "--picture, --keep-screenshot",
            "FILE",
            Path.class,
            "Keep a picture of the screen as it was at the end (PNG).");
    words.oneOf(waitFor, expectPicture);
  }

  BootRequest request() throws IOException {
    return new BootRequest(
        expectation(),
        TimeSpan.parse(timeout.get()),
        new BootRequest.Machine(
            MachineFlags.accelerator(accelerator),
            firmware.optional().map(name -> MachineFlags.known("firmware", name, Firmware::named)),
            bus.optional().map(name -> MachineFlags.known("bus", name, Bus::named)),
            mebibytes(memory.get()),
            processors.get()),
        network.given() ? Network.OUTWARD : Network.ISOLATED,
        picture.optional());
  }

  private static int mebibytes(String text) {
    long bytes = SizeChange.parseBytes(text.matches("[0-9]+") ? text + "M" : text);
    return Math.toIntExact(Math.min(bytes / MIB, 1 << 30));
  }

  private Optional<Expectation> expectation() throws IOException {
    if (expectPicture.given()) {
      return Optional.of(Expectation.Picture.read(expectPicture.get()));
    }
    try {
      return waitFor.optional().map(Expectation::parse);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// The console's last lines, where what was waited for did not come.
  static List<String> lastLines(BootOutcome outcome) {
    if (outcome.reached()) {
      return List.of();
    }
    List<String> lines = outcome.console().lines().toList();
    return lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()).stream()
        .map(line -> "  | " + Text.safe(line))
        .toList();
  }

  static Json.Fields json(BootOutcome outcome) {
    return Json.object()
        .put("reached", outcome.reached())
        .put("what", outcome.what())
        .put("millis", outcome.took().toMillis())
        .put("accelerator", outcome.accelerator().toString())
        .put("console", outcome.console());
  }
}
