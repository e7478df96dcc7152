package io.calco.server.web.machine;

import io.calco.catalog.Clone;
import io.calco.engine.CloneRequest;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.classroom.ClassRequest;
import io.calco.engine.machine.MachineRequest;
import io.calco.guest.personalise.Personalisation;
import io.calco.machine.Accelerator;
import io.calco.machine.libvirt.MachineNetwork;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Classes for the tests of pages.
final class Rooms {
  private Rooms() {}

  /// Two seats with clones of the template `t` and their machines.
  static ClassRequest ofTwo(String name, String prefix) {
    return new ClassRequest(
        name,
        prefix,
        new CloneRequest(
            "t",
            Optional.empty(),
            ClassRequest.names(prefix, 2),
            Clone.Kind.LINKED,
            OptionalLong.empty(),
            Optional.empty(),
            BackingPath.RELATIVE,
            hostname -> Personalisation.builder(hostname).build(),
            Optional.empty()),
        Optional.of(
            new MachineRequest(
                Optional.empty(),
                OptionalLong.of(64L << 20),
                OptionalInt.of(1),
                Optional.of(new MachineNetwork.None()),
                Accelerator.TCG,
                Optional.empty(),
                Optional.empty())),
        OptionalLong.empty(),
        Duration.ZERO);
  }
}
