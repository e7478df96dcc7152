package io.calco.guest.personalise;

import io.calco.guest.identity.MachineId;

/// Where a clone's machine-id comes from.
public sealed interface MachineIdSource {

  /// The clone makes it when it first starts.
  record FirstBoot() implements MachineIdSource {}

  /// It follows from the identity seed.
  record FromSeed() implements MachineIdSource {}

  /// This one.
  ///
  /// @param id 32 hexadecimal digits
  record Given(String id) implements MachineIdSource {
    /// Checks it.
    public Given {
      MachineId.check(id);
    }
  }
}
