package io.calco.engine.backup;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainBackups;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.LibvirtException.Reason;
import io.calco.machine.libvirt.PullBackup;
import io.calco.nbd.NbdAddress;
import io.calco.nbd.NbdBitmap;
import io.calco.nbd.NbdDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A running machine's disks as they were at one instant: a backup job of libvirt's, which is ended
/// on closing. Confined.
final class LiveJob implements AutoCloseable {
  private static final NbdDisk.Options READING = NbdDisk.Options.to(NbdDisk.Access.READ);
  private static final Duration PATIENCE = Duration.ofSeconds(20); // ours
  private static final System.Logger LOG = System.getLogger(LiveJob.class.getName());

  private final DomainBackups backups;
  private final Domain domain;
  private final BackupSocket socket;
  private PullBackup backup;
  private boolean frozen;
  private Optional<String> refused = Optional.empty();

  private LiveJob(DomainBackups backups, Domain domain, BackupSocket socket, PullBackup backup) {
    this.backups = backups;
    this.domain = domain;
    this.socket = socket;
    this.backup = backup;
  }

  /// Begins it.
  ///
  /// @param checkpoint the name of the one that is made
  /// @param disks what is wanted; done without what libvirt refuses
  /// @param others the machine's other disks
  /// @throws OperationException BUSY when a backup of the machine goes on, REFUSED when its file
  ///   systems cannot be held still and must be
  static LiveJob begin(
      DomainBackups backups,
      Domain domain,
      String checkpoint,
      List<PullBackup.Disk> disks,
      List<String> others,
      Quiesce quiesce)
      throws IOException {
    endLeftOver(backups, domain);
    BackupSocket socket = BackupSocket.choose(domain);
    try {
      PullBackup wanted = new PullBackup(socket.path(), checkpoint, disks, others);
      LiveJob live = new LiveJob(backups, domain, socket, wanted);
      live.beginQuiesced(quiesce);
      return live;
    } catch (IOException | RuntimeException e) {
      try (socket) {
        throw e;
      }
    }
  }

  /// Ends what a Calco that was killed has left behind, also what it has only asked for: that shows
  /// a little later.
  private static void endLeftOver(DomainBackups backups, Domain domain) throws IOException {
    long begun = System.nanoTime();
    Optional<DomainBackups.Running> running = backups.running(domain);
    while (running.isEmpty() && backups.busy(domain)) {
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw busy(domain);
      }
      DomainBackups.pause();
      running = backups.running(domain);
    }
    if (running.isPresent()) {
      try (BackupSocket _ = leftOver(running.get()).orElseThrow(() -> busy(domain))) {
        backups.end(domain);
      }
    }
  }

  private static Optional<BackupSocket> leftOver(DomainBackups.Running running) throws IOException {
    Optional<Path> socket = running.socket().filter(BackupSocket::isOne);
    return socket.isPresent() ? BackupSocket.inherit(socket.get()) : Optional.empty();
  }

  private static OperationException busy(Domain domain) {
    return new OperationException(
        Kind.BUSY,
        "machine %s is being backed up already, or moved".formatted(domain.name()),
        "wait for that to end; or see: virsh domjobinfo " + domain.name());
  }

  private void beginQuiesced(Quiesce quiesce) throws IOException {
    boolean asked = quiesce != Quiesce.NO && freeze(quiesce);
    try {
      beginAsFarAsPossible();
    } catch (IOException | RuntimeException e) {
      if (asked) {
        thawQuietly(e);
      }
      throw e;
    }
    if (asked) {
      thaw();
    }
  }

  /// @return whether the file systems may be held still now
  private boolean freeze(Quiesce quiesce) throws IOException {
    try {
      frozen = backups.freeze(domain) >= 0;
      return true;
    } catch (LibvirtException e) {
      boolean agent = e.reason() != Reason.UNSUPPORTED;
      if (quiesce == Quiesce.REQUIRE) {
        OperationException told =
            new OperationException(
                Kind.REFUSED,
                "machine %s: its file systems cannot be held still: %s"
                    .formatted(domain.name(), e.getMessage()),
                "have qemu-guest-agent run in it, or take it as after a loss of power: --quiesce auto");
        if (agent) {
          thawQuietly(told);
        }
        throw told;
      }
      LOG.log(System.Logger.Level.DEBUG, "the file systems are not held still", e);
      return agent; // some may be
    }
  }

  private void thaw() throws IOException {
    try {
      backups.thaw(domain);
    } catch (IOException e) {
      if (!frozen) {
        return;
      }
      OperationException told =
          new OperationException(
              Kind.SYSTEM,
              "machine %s: its file systems may still be held: %s"
                  .formatted(domain.name(), e.getMessage()),
              "let them go on: virsh domfsthaw " + domain.name());
      try {
        backups.end(domain);
      } catch (IOException more) {
        told.addSuppressed(more);
      }
      throw told;
    }
  }

  private void thawQuietly(Exception cause) {
    try {
      backups.thaw(domain);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// Without what was written since when libvirt does not know that, and without a checkpoint when
  /// it cannot make one.
  private void beginAsFarAsPossible() throws IOException {
    try {
      backups.begin(domain, backup);
      return;
    } catch (LibvirtException e) {
      refused = Optional.of(reason(e));
    }
    if (backup.disks().stream().anyMatch(disk -> disk.since().isPresent())) {
      backup = with(Track.ANEW);
      try {
        backups.begin(domain, backup);
        return;
      } catch (LibvirtException e) {
        refused = Optional.of(reason(e));
      }
    }
    backup = with(Track.NOT);
    backups.begin(domain, backup);
  }

  private static String reason(LibvirtException e) {
    return String.valueOf(e.getMessage());
  }

  private enum Track {
    ANEW,
    NOT
  }

  private PullBackup with(Track track) {
    return new PullBackup(
        backup.socket(),
        backup.checkpoint(),
        backup.disks().stream()
            .map(disk ->
                new PullBackup.Disk(
                    disk.target(),
                    Optional.empty(),
                    track == Track.ANEW && disk.tracked(),
                    disk.scratch()))
            .toList(),
        backup.others());
  }

  /// What libvirt would not do of what was wanted, in its words.
  Optional<String> refused() {
    return refused;
  }

  /// Whether the file systems were held still for the instant.
  boolean frozen() {
    return frozen;
  }

  /// What is done of a disk.
  PullBackup.Disk disk(String target) {
    return backup.disks().stream()
        .filter(disk -> disk.target().equals(target))
        .findFirst()
        .orElseThrow();
  }

  /// A disk as it was.
  Disk open(String target) throws IOException {
    return NbdDisk.open(address(target), READING);
  }

  /// What was written to a disk since its checkpoint.
  List<DirtyBitmaps.Run> written(String target) throws IOException {
    return NbdBitmap.read(address(target), target, READING);
  }

  private NbdAddress address(String target) {
    return new NbdAddress(
        new NbdAddress.Place.Unix(socket.path()), target, false, Optional.empty());
  }

  /// Ends the job; the disks must be closed.
  @Override
  public void close() throws IOException {
    try (socket) {
      backups.end(domain);
    }
  }
}
