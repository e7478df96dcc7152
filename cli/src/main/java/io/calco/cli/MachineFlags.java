package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.machine.MachineRequest;
import io.calco.machine.Accelerator;
import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.libvirt.MachineNetwork;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// What a machine is made of.
final class MachineFlags {
  private final Value<String> like;
  private final Value<String> memory;
  private final Value<Integer> processors;
  private final Value<String> network;
  private final Value<String> firmware;
  private final Value<String> bus;
  private final Value<String> accelerator;

  MachineFlags(Syntax words) {
    like =
        words.option(
            "--like",
            "MACHINE",
            String.class,
            "As this machine is, but for name, UUID, network addresses, disk and ports.");
    memory =
        words.option(
            "--memory",
            "SIZE",
            String.class,
            "Its memory: 512M, 2G (default: as the other machine, else 1 GiB).");
    processors =
        words.option(
            "--cpus",
            "N",
            Integer.class,
            "Its processors (default: as the other machine, else 1).");
    network =
        words.option(
            "--network",
            "NET",
            String.class,
            "One of libvirt's networks, bridge=NAME, user or none (default: as the other machine,"
                + " else libvirt's default).");
    firmware =
        words.option(
            "--firmware",
            "NAME",
            String.class,
            "For a new kind of machine: bios or uefi (default: what the disk can start with).");
    bus =
        words.option(
            "--bus",
            "NAME",
            String.class,
            "For a new kind of machine: virtio or sata (default: virtio; sata for Windows).");
    accelerator =
        words.option(
            "--accelerator",
            "NAME",
            String.class,
            "For a new kind of machine: kvm, tcg (an emulation), or auto, kvm where libvirt has it"
                + " and guests run (default: $$"
                + Accelerator.VARIABLE
                + ", else auto).");
  }

  /// Of a machine that QEMU alone runs.
  static Value<String> accelerator(Syntax words) {
    return words.option(
        "--accelerator",
        "NAME",
        String.class,
        "What runs it: kvm, tcg (an emulation, ten times slower), or auto, kvm where guests"
            + " run on it (default: $$"
            + Accelerator.VARIABLE
            + ", else auto).");
  }

  /// Of a machine that QEMU alone runs.
  static Value<String> bus(Syntax words) {
    return words.option(
        "--bus",
        "NAME",
        String.class,
        "What its disk is attached to: virtio or sata (default: sata for Windows).");
  }

  /// True when any of them is given.
  boolean given() {
    return like.given()
        || memory.given()
        || processors.given()
        || network.given()
        || firmware.given()
        || bus.given()
        || accelerator.given();
  }

  MachineRequest request() {
    try {
      return new MachineRequest(
          like.optional(),
          memory.optional().stream().mapToLong(SizeChange::parseBytes).findFirst(),
          processors.optional().map(OptionalInt::of).orElseGet(OptionalInt::empty),
          network.optional().map(MachineNetwork::parse),
          accelerator(accelerator),
          firmware.optional().map(name -> known("firmware", name, Firmware::named)),
          bus.optional().map(name -> known("bus", name, Bus::named)));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// What is given, else what the environment names.
  static Accelerator accelerator(Value<String> given) {
    String name =
        given
            .optional()
            .orElseGet(() ->
                System.getenv().getOrDefault(Accelerator.VARIABLE, Accelerator.AUTO.toString()));
    return known("accelerator", name, Accelerator::named);
  }

  /// What a word stands for.
  ///
  /// @param what kind of thing, for the message
  static <T> T known(String what, String name, Function<String, Optional<T>> named) {
    return named
        .apply(name)
        .orElseThrow(() ->
            new OperationException(Kind.USAGE, "there is no %s \"%s\"".formatted(what, name)));
  }
}
