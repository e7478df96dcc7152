package io.calco.machine;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What runs a guest's instructions.
public enum Accelerator {
  /// The processor where the kernel lets us, else an emulation; and the emulation after it where a
  /// guest does not come up, for there are hosts whose `/dev/kvm` is there and whose guests hang.
  AUTO(List.of("-accel", "kvm", "-accel", "tcg")),
  /// The processor, through `/dev/kvm`.
  KVM(List.of("-accel", "kvm")),
  /// An emulation: ten times slower, and everywhere.
  TCG(List.of("-accel", "tcg"));

  /// Names the accelerator where none is given.
  public static final String VARIABLE = "CALCO_ACCELERATOR";

  private final List<String> options;

  Accelerator(List<String> options) {
    this.options = options;
  }

  List<String> options() {
    return options;
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
