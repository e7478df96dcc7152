package io.calco.engine.host;

import io.calco.catalog.Clone;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.machine.MachineRequest;
import io.calco.guest.personalise.CloneUser.Privilege;
import io.calco.machine.Accelerator;
import io.calco.machine.libvirt.MachineNetwork;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Machines as somebody asks for them, in words; each text is empty for what is not asked for.
///
/// @param base what their disks are made of
/// @param names patterns of names, with spaces between: `aula-{01..30} web1`
/// @param kind of the disks that are made
/// @param memory such as `2G`; as the template's own machine has it, else 1 GiB
/// @param processors a number; as the template's own machine has them, else one
/// @param network one of libvirt's, `bridge=NAME`, `user` or `none`; as the template's own machine
///   has it, else `default`
/// @param accelerator what runs a machine that no other one is the model of: `auto`, `kvm`, `tcg`;
///   as the server's environment says
/// @param then what becomes of them when they are made
public record MachineOrder(
    Base base,
    String names,
    Clone.Kind kind,
    String memory,
    String processors,
    String network,
    String accelerator,
    Then then) {
  /// Ours: more is a slip of the finger.
  private static final int PROCESSORS_MAX = 1024;

  /// What a machine's disk is made of.
  public sealed interface Base {
    /// A clone of a template's newest version.
    record OfTemplate(String name) implements Base {}

    /// A clone of an image of the catalogue, as it is.
    record OfImage(String id) implements Base {}

    /// The disk of a clone that is there, whose name the machine gets.
    record OfClone(String name) implements Base {}
  }

  /// What becomes of machines when they are made.
  public enum Then {
    /// They are off.
    LEFT_OFF,
    /// They are started.
    STARTED
  }

  /// What the machines are made of.
  ///
  /// @throws OperationException USAGE when a part of it cannot be understood
  MachineRequest machine() {
    try {
      return new MachineRequest(
          Optional.empty(),
          memory.isBlank()
              ? OptionalLong.empty()
              : OptionalLong.of(SizeChange.parseBytes(memory.strip())),
          processors.isBlank() ? OptionalInt.empty() : OptionalInt.of(parseProcessors()),
          network.isBlank() ? Optional.empty() : Optional.of(MachineNetwork.parse(network.strip())),
          parseAccelerator(),
          Optional.empty(),
          Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private int parseProcessors() {
    String text = processors.strip();
    if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) > PROCESSORS_MAX) {
      throw new IllegalArgumentException(
          "\"%s\" is no number of processors, 1 to %d".formatted(text, PROCESSORS_MAX));
    }
    return Integer.parseInt(text);
  }

  private Accelerator parseAccelerator() {
    if (accelerator.isBlank()) {
      return Accelerator.standard(System.getenv());
    }
    String text = accelerator.strip();
    return Accelerator.named(text)
        .orElseThrow(
            () -> new IllegalArgumentException("there is no accelerator \"%s\"".formatted(text)));
  }

  /// The clones that are made for them.
  ///
  /// @param version which of the template; the newest unless one is named
  CloneOrder clones(String template, Optional<Integer> version) {
    return new CloneOrder(
        template, version, names, kind, "", "", Privilege.ORDINARY, "", "", Optional.empty());
  }
}
