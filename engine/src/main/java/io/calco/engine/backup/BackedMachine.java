package io.calco.engine.backup;

import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.PullBackup;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/// A machine that is to be backed up, as whoever keeps it has it. Confined.
interface BackedMachine {
  /// Its name.
  String name();

  /// Its UUID.
  UUID uuid();

  /// Whether it runs, or ran when it was found.
  boolean running();

  /// The disks that its guest writes.
  List<DomainXml.Disk> disks() throws IOException;

  /// What is kept of it, as it is kept: libvirt's XML, or our JSON.
  String description() throws IOException;

  /// The names of its checkpoints; it runs.
  List<String> checkpoints() throws IOException;

  /// Begins to read the disks as they are now; it runs.
  ///
  /// @param checkpoint the name of the one that is made
  /// @param wanted done without what is refused
  /// @throws io.calco.engine.OperationException BUSY when a backup of the machine goes on, REFUSED
  ///   when its file systems cannot be held still and must be
  LiveJob begin(String checkpoint, List<PullBackup.Disk> wanted, Quiesce quiesce)
      throws IOException;

  /// Deletes a checkpoint, if it is there.
  void forget(String checkpoint) throws IOException;
}
