package io.calco.machine.libvirt;

import java.net.ProtocolException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// Something that happened to a machine, in the words of `virsh event`.
///
/// @param name the machine's, as it was then
/// @param uuid the machine's
/// @param what happened
/// @param detail why, or how: `Booted`; empty where there is nothing to tell
public record DomainEvent(String name, UUID uuid, What what, String detail) {

  /// What happens to machines: those before [#REBOOT] are `virDomainEventType`, in its order, each
  /// with its details in theirs.
  public enum What {
    /// It is there, or is another than before.
    DEFINED("Defined", "Added", "Updated", "Renamed", "Snapshot"),
    /// It is there no more.
    UNDEFINED("Undefined", "Removed", "Renamed"),
    /// It runs.
    STARTED("Started", "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup"),
    /// It is held.
    SUSPENDED(
        "Suspended",
        "Paused",
        "Migrated",
        "I/O Error",
        "Watchdog",
        "Restored",
        "Snapshot",
        "API error",
        "Post-copy",
        "Post-copy Error"),
    /// It goes on.
    RESUMED("Resumed", "Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error"),
    /// It is off.
    STOPPED(
        "Stopped", "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot"),
    /// Its guest has shut itself down.
    SHUTDOWN("Shutdown", "Finished", "Finished after guest request", "Finished after host request"),
    /// Its own power management has put it to sleep.
    PM_SUSPENDED("PMSuspended", "Memory", "Disk"),
    /// Its guest has had an accident.
    CRASHED("Crashed", "Panicked", "Crashloaded"),
    /// Its guest begins anew.
    REBOOT("Reboot");

    private static final String UNKNOWN = "unknown"; // virsh's word for a newer libvirt's details

    private final String label;
    private final List<String> details;

    What(String label, String... details) {
      this.label = label;
      this.details = List.of(details);
    }

    /// As `virsh event` has it.
    public String label() {
      return label;
    }

    /// As JSON has it: `pm-suspended`.
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Optional<What> of(int number) {
      return number >= 0 && number < values().length
          ? Optional.of(values()[number]).filter(what -> what != REBOOT)
          : Optional.empty();
    }

    private String detail(int number) {
      return number >= 0 && number < details.size() ? details.get(number) : UNKNOWN;
    }
  }

  /// Reads a `remote_domain_event_callback_lifecycle_msg`; empty for a kind that is not known here.
  static Optional<DomainEvent> readLifecycle(XdrReader message) throws ProtocolException {
    Domain domain = readDomain(message);
    Optional<What> what = What.of(message.readInt());
    int detail = message.readInt();
    return what.map(known -> of(domain, known, known.detail(detail)));
  }

  /// Reads a `remote_domain_event_callback_reboot_msg`.
  static DomainEvent readReboot(XdrReader message) throws ProtocolException {
    return of(readDomain(message), What.REBOOT, "");
  }

  private static Domain readDomain(XdrReader message) throws ProtocolException {
    message.readInt(); // the callback's number: a connection has one listener
    return Domain.read(message);
  }

  private static DomainEvent of(Domain domain, What what, String detail) {
    return new DomainEvent(domain.name(), domain.uuid(), what, detail);
  }

  /// As `virsh event` has it: `Started Booted`.
  public String text() {
    return detail.isEmpty() ? what.label() : what.label() + " " + detail;
  }
}
