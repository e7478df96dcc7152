package io.calco.disk;

import java.util.Optional;

/// Somebody else has the file open for writing or holds a lock on it.
public final class DiskInUseException extends DiskException {
  private static final long serialVersionUID = 1L;

  private final String machine;

  /// A failure with its one-line message.
  public DiskInUseException(String message) {
    this(message, Optional.empty());
  }

  /// A failure with its one-line message, and the machine that runs on the file.
  DiskInUseException(String message, Optional<String> machine) {
    super(message);
    this.machine = machine.orElse("");
  }

  /// The machine that runs on the file, by the name that its QEMU was given.
  public Optional<String> machine() {
    return machine.isEmpty() ? Optional.empty() : Optional.of(machine);
  }
}
