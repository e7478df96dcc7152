package io.calco.engine.host;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.DomainConsoles;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How a machine is talked to.
public enum ConsoleKind {
  /// Its screen, keyboard and mouse: the remote framebuffer protocol (RFC 6143), as VNC has it.
  SCREEN,
  /// Its serial port: the bytes of a terminal.
  SERIAL;

  /// What becomes of somebody else who has a serial console.
  public enum Claim {
    /// They keep it.
    FREE,
    /// They lose it.
    TAKEN
  }

  /// As it is written: `serial`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that is written so.
  public static Optional<ConsoleKind> find(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst();
  }

  /// True when a machine has one.
  public boolean isOf(DomainConsoles consoles) {
    return this == SERIAL ? consoles.serial() : consoles.screen().isPresent();
  }

  void require(String machine, DomainConsoles consoles) {
    if (!isOf(consoles)) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          this == SERIAL
              ? "machine %s has no serial console of the kind pty".formatted(machine)
              : "machine %s has no VNC screen on this host's loopback address".formatted(machine));
    }
  }
}
