package io.calco.machine;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What runs a guest's instructions.
public enum Accelerator {
  /// The processor where guests run on it ([Kvm]), else an emulation.
  AUTO,
  /// The processor, through `/dev/kvm`.
  KVM,
  /// An emulation: ten times slower, and everywhere.
  TCG;

  /// Names the accelerator where none is given.
  public static final String VARIABLE = "CALCO_ACCELERATOR";

  /// The one that the environment names, else [#AUTO].
  ///
  /// @throws IllegalArgumentException when it names none
  public static Accelerator standard(Map<String, String> environment) {
    String name = environment.getOrDefault(VARIABLE, AUTO.toString());
    return named(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s: there is no accelerator \"%s\"; there are auto, kvm, tcg"
                    .formatted(VARIABLE, name)));
  }

  /// What it comes to on this host: [#KVM] or [#TCG].
  public Accelerator here() {
    if (this != AUTO) {
      return this;
    }
    return Kvm.ofThisHost() == Kvm.WORKS ? KVM : TCG;
  }

  /// As libvirt has it: `kvm`, `qemu`.
  public String label() {
    return here() == KVM ? "kvm" : "qemu";
  }

  /// QEMU's.
  List<String> options() {
    return List.of("-accel", here().toString());
  }

  /// For a person: what runs the guest here, and why it is an emulation where nobody asked for one.
  public String remark() {
    if (here() == KVM) {
      return "by KVM";
    }
    return this == TCG
        ? "emulated, some ten times slower than by KVM"
        : "emulated, some ten times slower than by KVM: " + Kvm.ofThisHost().remark();
  }

  /// The one of this name: `auto`, `kvm`, `tcg`.
  public static Optional<Accelerator> named(String name) {
    for (Accelerator one : values()) {
      if (one.toString().equals(name)) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
