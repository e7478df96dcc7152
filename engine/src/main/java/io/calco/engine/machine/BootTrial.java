package io.calco.engine.machine;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.machine.BootOutcome;
import io.calco.machine.BootPlan;
import io.calco.machine.BootTest;
import io.calco.machine.Expectation;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.Programs;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Whether a disk boots: tried in QEMU, on an overlay that is thrown away. Thread rule: confined.
///
/// @param subject what is booted
/// @param request how
public record BootTrial(Subject subject, BootRequest request) {
  private static final Set<String> ARCHITECTURES = Set.of("x86_64", "amd64", "i686", "i386", "x86");

  /// What is known of a disk before it is booted.
  ///
  /// @param name for messages
  /// @param windows its system is a Windows
  /// @param uefi it starts by UEFI alone
  /// @param architecture as `uname -m` prints it
  public record Subject(String name, boolean windows, boolean uefi, Optional<String> architecture) {

    private static Subject of(String name, GuestFacts facts) {
      return new Subject(
          name,
          facts.windows().isPresent(),
          facts.bootMode() == GuestFacts.BootMode.UEFI,
          facts
              .system()
              .flatMap(GuestFacts.SystemFacts::architecture)
              .or(() -> facts.windows().flatMap(WindowsFacts::architecture)));
    }

    /// What can be seen in a disk. Whatever is wrong in there, it may boot all the same.
    public static Subject find(String name, Disk disk) throws IOException {
      try (GuestDisk guest = GuestDisk.openReadOnly(disk, VolumeKeys.none())) {
        return of(name, Inspector.identify(guest, disk.size()));
      } catch (DiskException e) {
        return new Subject(name, false, false, Optional.empty());
      }
    }

    /// What it starts with: a BIOS where it could do both, which is there always.
    Firmware firmware() {
      return uefi ? Firmware.UEFI : Firmware.BIOS;
    }

    /// Where it finds its disk: what every Windows has a driver for.
    Bus bus() {
      return windows ? Bus.SATA : Bus.VIRTIO;
    }
  }

  /// Why it cannot be tried here: UNSUPPORTED for a machine of another kind, NOT_FOUND for what
  /// this host lacks.
  public Optional<OperationException> obstacle() {
    Optional<String> architecture =
        subject.architecture().map(text -> text.toLowerCase(Locale.ROOT));
    if (architecture.isPresent() && !ARCHITECTURES.contains(architecture.get())) {
      return Optional.of(
          new OperationException(
              Kind.UNSUPPORTED,
              "%s is a machine of another kind: %s".formatted(subject.name(), architecture.get())));
    }
    return missing(subject.name(), firmware());
  }

  /// What this host lacks to run a machine.
  static Optional<OperationException> missing(String name, Firmware firmware) {
    if (Programs.find(BootTest.PROGRAM).isEmpty()) {
      return Optional.of(
          new OperationException(
              Kind.NOT_FOUND,
              "this host has no " + BootTest.PROGRAM,
              "install QEMU: apt-get install qemu-system-x86"));
    }
    if (!firmware.installed()) {
      return Optional.of(
          new OperationException(
              Kind.NOT_FOUND,
              name + " boots by UEFI, and this host has no firmware for it",
              "install it: apt-get install ovmf"));
    }
    return Optional.empty();
  }

  /// What it starts with.
  public Firmware firmware() {
    return request.machine().firmware().orElseGet(subject::firmware);
  }

  /// What is done.
  ///
  /// @throws OperationException USAGE when nobody knows what to wait for, or for numbers that no
  ///   machine can have
  public BootPlan plan() {
    if (request.expectation().isEmpty() && subject.windows()) {
      throw new OperationException(
          Kind.USAGE,
          "a Windows asks for no login on a console",
          "say what to wait for: --wait-for agent, or --wait-for port:3389");
    }
    BootRequest.Machine machine = request.machine();
    try {
      MachineSettings settings =
          new MachineSettings(
              machine.accelerator(),
              firmware(),
              machine.bus().orElseGet(subject::bus),
              machine.memoryMiB(),
              machine.processors());
      return new BootPlan(
          settings,
          request.expectation().orElseGet(Expectation.Login::new),
          request.timeout(),
          request.network());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// Boots it, and keeps the picture that was asked for.
  ///
  /// @param disk only read
  /// @throws OperationException as [#plan] does, and when there is an [#obstacle]
  /// @throws java.util.concurrent.CancellationException when the job was cancelled; the machine is
  ///   gone then
  public BootOutcome run(Disk disk, JobContext job) throws IOException {
    Optional<OperationException> obstacle = obstacle();
    if (obstacle.isPresent()) {
      throw obstacle.get();
    }
    BootOutcome outcome = BootTest.run(disk, plan(), job);
    if (request.picture().isPresent() && outcome.screen().isPresent()) {
      outcome.screen().get().write(request.picture().get());
    }
    return outcome;
  }
}
