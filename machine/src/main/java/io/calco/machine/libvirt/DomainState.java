package io.calco.machine.libvirt;

import java.net.ProtocolException;
import java.util.Locale;

/// What a machine does (`virDomainState`, in its order).
public enum DomainState {
  /// Nobody knows.
  UNKNOWN("no state"),
  /// It runs.
  RUNNING("running"),
  /// It waits for something of the host's.
  BLOCKED("idle"),
  /// It is held.
  PAUSED("paused"),
  /// It is being shut down.
  SHUTTING_DOWN("in shutdown"),
  /// It is off.
  SHUT_OFF("shut off"),
  /// It ended in an accident.
  CRASHED("crashed"),
  /// Its own power management has put it to sleep.
  SUSPENDED("pmsuspended");

  private final String label;

  DomainState(String label) {
    this.label = label;
  }

  /// As `virsh list` has it.
  public String label() {
    return label;
  }

  /// True when it takes memory and holds its disks.
  public boolean active() {
    return this != SHUT_OFF && this != CRASHED && this != UNKNOWN;
  }

  /// As JSON has it: `shut-off`.
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static DomainState of(int number) throws ProtocolException {
    if (number < 0 || number >= values().length) {
      throw new ProtocolException("libvirt's answer has the unknown state " + number);
    }
    return values()[number];
  }
}
