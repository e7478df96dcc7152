package io.calco.engine.machine;

import io.calco.disk.DiskInUseException;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.Machines.Stop;
import io.calco.machine.MachineConsole;
import io.calco.machine.ScreenPicture;
import io.calco.machine.libvirt.Domains;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What keeps machines: libvirt ([Machines]), or Calco itself with QEMU alone ([PlainHost]). Safe
/// for several threads.
public sealed interface MachineHost extends AutoCloseable permits Machines, PlainHost {
  /// The address of machines that QEMU alone runs.
  String PLAIN = "qemu:plain";

  /// Opens the one that is meant.
  ///
  /// @param uri libvirt's address, or [#PLAIN]; if empty what the environment names, else libvirt
  ///   where it listens, else QEMU alone
  /// @throws OperationException when it is neither, or nobody answers there
  static MachineHost open(Calco calco, Optional<String> uri, Map<String, String> environment)
      throws IOException {
    return meant(calco, uri, environment).open();
  }

  /// Finds out which one is meant, as [#open] does, for those who open it more than once.
  static Opening meant(Calco calco, Optional<String> uri, Map<String, String> environment) {
    return plain(uri, environment)
        ? () -> PlainHost.open(calco)
        : () -> Machines.anywhere(calco, uri, environment);
  }

  /// Whether machines of QEMU alone are meant, as [#open] finds it out.
  static boolean plain(Optional<String> uri, Map<String, String> environment) {
    String named = uri.orElseGet(() -> environment.getOrDefault(LibvirtUri.VARIABLE, ""));
    return named.isEmpty() ? !libvirtListens(environment) : named.equals(PLAIN);
  }

  /// Opens one, each time anew.
  @FunctionalInterface
  interface Opening {
    /// Opens it.
    ///
    /// @throws OperationException when its address is none
    MachineHost open() throws IOException;
  }

  private static boolean libvirtListens(Map<String, String> environment) {
    return LibvirtUri.standard(environment).sockets().stream().anyMatch(Files::exists);
  }

  /// All machines, running or not, by name.
  List<MachineReport> list() throws IOException;

  /// One machine.
  ///
  /// @throws OperationException when there is none of that name
  MachineReport show(String name) throws IOException;

  /// What is kept of a machine, as it is kept: libvirt's XML, or our JSON.
  String record(String name) throws IOException;

  /// Changes what is kept of a machine; one that runs has it from its next start on.
  ///
  /// @param seen what was kept when it was read: a change that somebody else made since then stays
  /// @param record what shall be kept, as [#record] has it
  /// @throws OperationException when that is no machine, or one of another name or UUID, or
  ///   somebody else changed it
  void edit(String name, String seen, String record) throws IOException;

  /// Makes sure that a changed record is that of the same machine, which nobody else changed.
  ///
  /// @param uuid that of the record
  default void requireSame(String name, String seen, String newName, Optional<UUID> uuid)
      throws IOException {
    MachineReport machine = show(name);
    if (!newName.equals(name)) {
      throw new OperationException(
          Kind.REFUSED,
          "the record of machine %s names it %s".formatted(name, newName),
          "see: calco machine rename");
    }
    if (!uuid.equals(Optional.of(machine.uuid()))) {
      throw new OperationException(
          Kind.REFUSED,
          "the record of machine %s has the UUID %s"
              .formatted(name, uuid.map(UUID::toString).orElse("-")),
          "leave its own: " + machine.uuid());
    }
    if (!record(name).equals(seen)) {
      throw new OperationException(
          Kind.REFUSED,
          "somebody else changed machine %s meanwhile".formatted(name),
          "edit it again");
    }
  }

  /// Makes a machine for a disk that has a system in it.
  ///
  /// @param format of the disk's file; found out unless stated
  /// @throws OperationException when the name is taken, or the disk is a template's or another
  ///   machine's
  MachineReport define(
      String name, Path disk, Optional<String> format, MachineRequest request, JobContext job)
      throws IOException;

  /// Starts a machine.
  ///
  /// @throws OperationException when it has a template's sealed disk, or runs already
  void start(String name) throws IOException;

  /// Stops a machine, or asks it to stop.
  void stop(String name, Stop how) throws IOException;

  /// Gives a machine that is off another name; its disks and its UUID stay as they are.
  void rename(String name, String newName) throws IOException;

  /// What a machine's first screen shows.
  ScreenPicture screenshot(String name) throws IOException;

  /// The first console of a running machine.
  MachineConsole console(String name, Domains.Console how) throws IOException;

  /// The disk that a running machine has in a file, as its uppermost layer.
  ///
  /// @return empty when no machine of this host's does
  /// @throws io.calco.engine.OperationException when a running machine has the file as a lower one
  Optional<RunningDisk> runningDisk(Path file) throws IOException;

  /// Does work on a disk that is in use, when a running machine is who uses it.
  ///
  /// @param used what was said of it
  /// @throws DiskInUseException that, when no machine here has it as its disk
  default <T> T whileRunning(Path file, DiskInUseException used, RunningDisk.Work<T> work)
      throws IOException {
    Optional<RunningDisk> disk = runningDisk(file);
    if (disk.isEmpty()) {
      throw used;
    }
    return work.on(disk.get());
  }

  /// What would go with a machine.
  MachineDeletion deletion(String name, MachineDeletion.Disks disks) throws IOException;

  /// Carries a deletion out: the machine first, as disks that are left over can be seen.
  void delete(MachineDeletion deletion) throws IOException;

  @Override
  void close();
}
