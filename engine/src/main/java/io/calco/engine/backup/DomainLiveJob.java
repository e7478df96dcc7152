package io.calco.engine.backup;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainBackups;
import io.calco.machine.libvirt.LibvirtException;
import io.calco.machine.libvirt.LibvirtException.Reason;
import io.calco.machine.libvirt.PullBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The disks of a running machine of libvirt's as they were at one instant. Confined.
final class DomainLiveJob extends LiveJob {
  private static final Duration PATIENCE = Duration.ofSeconds(20); // ours

  private final DomainBackups backups;
  private final Domain domain;
  private final BackupSocket socket;
  private final String checkpoint;
  private final List<String> others;
  private @Nullable LibvirtException last;

  private DomainLiveJob(
      DomainBackups backups,
      Domain domain,
      BackupSocket socket,
      String checkpoint,
      List<String> others) {
    this.backups = backups;
    this.domain = domain;
    this.socket = socket;
    this.checkpoint = checkpoint;
    this.others = others;
  }

  /// Begins it.
  ///
  /// @param checkpoint the name of the one that is made
  /// @param disks what is wanted; done without what libvirt refuses
  /// @param others the machine's other disks
  /// @throws OperationException BUSY when a backup of the machine goes on, REFUSED when its file
  ///   systems cannot be held still and must be
  static DomainLiveJob begin(
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
      DomainLiveJob live = new DomainLiveJob(backups, domain, socket, checkpoint, others);
      if (live.begin(disks, quiesce).isPresent()) {
        throw Objects.requireNonNull(live.last);
      }
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

  @Override
  String machine() {
    return domain.name();
  }

  @Override
  Freeze freeze() throws IOException {
    try {
      return Freeze.of(backups.freeze(domain));
    } catch (LibvirtException e) {
      return Freeze.refused(e.reason() != Reason.UNSUPPORTED, String.valueOf(e.getMessage()));
    }
  }

  @Override
  void thaw() throws IOException {
    backups.thaw(domain);
  }

  @Override
  String thawing() {
    return "virsh domfsthaw " + domain.name();
  }

  @Override
  void end() throws IOException {
    backups.end(domain);
  }

  @Override
  Optional<String> attempt(List<PullBackup.Disk> wanted) throws IOException {
    try {
      backups.begin(domain, new PullBackup(socket.path(), checkpoint, wanted, others));
      return Optional.empty();
    } catch (LibvirtException e) {
      last = e;
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  Path socket() {
    return socket.path();
  }

  /// Ends the job; the disks must be closed.
  @Override
  public void close() throws IOException {
    try (socket) {
      end();
    }
  }
}
