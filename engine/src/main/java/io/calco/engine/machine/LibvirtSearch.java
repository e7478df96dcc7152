package io.calco.engine.machine;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Which libvirt a command means, and whether there is one.
final class LibvirtSearch {
  private LibvirtSearch() {}

  /// What is named, else what the environment names, else `qemu:///system`.
  ///
  /// @throws OperationException when it is no address
  static LibvirtUri address(Optional<String> uri, Map<String, String> environment) {
    try {
      return uri.map(text -> LibvirtUri.parse(text, environment))
          .orElseGet(() -> LibvirtUri.standard(environment));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// The same, of this host.
  ///
  /// @throws OperationException when it is no address, or another host's
  static LibvirtUri here(Optional<String> uri, Map<String, String> environment) {
    LibvirtUri address = address(uri, environment);
    if (address.server().isPresent()) {
      throw elsewhere();
    }
    return address;
  }

  static OperationException elsewhere() {
    return new OperationException(
        Kind.UNSUPPORTED,
        "the disks of these machines are on another host",
        "run calco there; machines are listed, started, stopped, looked at, and deleted with"
            + " --keep-disk from here");
  }

  /// Connects; where nobody named a libvirt, empty when none listens that this user may ask.
  ///
  /// @param patience how long an answer may take
  static Optional<Connection> find(
      Optional<String> uri, Map<String, String> environment, Duration patience) throws IOException {
    if (uri.isPresent()) {
      return Optional.of(Connection.open(here(uri, environment), patience));
    }
    LibvirtUri address = address(uri, environment);
    if (address.server().isPresent()) {
      return Optional.empty(); // another host's, which has nothing to do with disks of this one
    }
    try {
      return Connection.find(address, patience);
    } catch (AccessDeniedException e) {
      return Optional.empty();
    }
  }
}
