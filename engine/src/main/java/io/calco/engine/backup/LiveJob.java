package io.calco.engine.backup;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.libvirt.PullBackup;
import io.calco.nbd.NbdAddress;
import io.calco.nbd.NbdBitmap;
import io.calco.nbd.NbdDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A running machine's disks as they were at one instant: a backup job of its QEMU's, which is
/// ended on closing. Confined.
abstract class LiveJob implements AutoCloseable {
  private static final NbdDisk.Options READING = NbdDisk.Options.to(NbdDisk.Access.READ);
  private static final System.Logger LOG = System.getLogger(LiveJob.class.getName());

  private List<PullBackup.Disk> disks = List.of();
  private Optional<String> refused = Optional.empty();
  private boolean frozen;

  /// What came of asking the guest to hold its file systems still.
  ///
  /// @param held whether any are
  /// @param maybe whether they have to be let go
  /// @param refused why not all are
  record Freeze(boolean held, boolean maybe, Optional<String> refused) {
    static Freeze of(int count) {
      return new Freeze(count > 0, true, Optional.empty());
    }

    /// @param maybe whether some may be held all the same
    static Freeze refused(boolean maybe, String why) {
      return new Freeze(false, maybe, Optional.of(why));
    }
  }

  /// The machine's name.
  abstract String machine();

  /// Asks the guest to hold its file systems still.
  abstract Freeze freeze() throws IOException;

  /// Has it let them go.
  abstract void thaw() throws IOException;

  /// How somebody else has it let them go.
  abstract String thawing();

  /// Ends the job.
  abstract void end() throws IOException;

  /// Begins it.
  ///
  /// @return why it was refused; empty when it goes on
  /// @throws IOException when nothing can be asked any more
  abstract Optional<String> attempt(List<PullBackup.Disk> wanted) throws IOException;

  /// Where the disks are served, by their targets.
  abstract Path socket();

  /// Whether the file systems were held still for the instant.
  final boolean frozen() {
    return frozen;
  }

  @Override
  public abstract void close() throws IOException;

  /// Begins it, with the file systems held still for the instant, where that is wanted.
  ///
  /// @return why it was refused
  /// @throws OperationException REFUSED when they cannot be held still and must be
  final Optional<String> begin(List<PullBackup.Disk> wanted, Quiesce quiesce) throws IOException {
    boolean asked = quiesce != Quiesce.NO && freeze(quiesce);
    Optional<String> reason;
    try {
      reason = beginAsFarAsPossible(wanted);
    } catch (IOException | RuntimeException e) {
      if (asked) {
        thawQuietly(e);
      }
      throw e;
    }
    if (asked) {
      thawSurely();
    }
    return reason;
  }

  /// @return whether the file systems may be held still now
  private boolean freeze(Quiesce quiesce) throws IOException {
    Freeze freeze = freeze();
    frozen = freeze.held();
    if (freeze.refused().isPresent() && quiesce == Quiesce.REQUIRE) {
      OperationException told =
          new OperationException(
              Kind.REFUSED,
              "machine %s: its file systems cannot be held still: %s"
                  .formatted(machine(), freeze.refused().get()),
              "have qemu-guest-agent run in it, or take it as after a loss of power: --quiesce auto");
      if (freeze.maybe()) {
        thawQuietly(told);
      }
      throw told;
    }
    freeze
        .refused()
        .ifPresent(why ->
            LOG.log(System.Logger.Level.DEBUG, "the file systems are not held still: {0}", why));
    return freeze.maybe();
  }

  private void thawSurely() throws IOException {
    try {
      thaw();
    } catch (IOException e) {
      if (!frozen) {
        return;
      }
      OperationException told =
          new OperationException(
              Kind.SYSTEM,
              "machine %s: its file systems may still be held: %s"
                  .formatted(machine(), e.getMessage()),
              "let them go on: " + thawing());
      try {
        end();
      } catch (IOException more) {
        told.addSuppressed(more);
      }
      throw told;
    }
  }

  private void thawQuietly(Exception cause) {
    try {
      thaw();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /// Without what was written since when that is not known, and without a checkpoint when none can
  /// be made.
  ///
  /// @return why it is refused even so
  private Optional<String> beginAsFarAsPossible(List<PullBackup.Disk> wanted) throws IOException {
    disks = wanted;
    Optional<String> reason = attempt(disks);
    if (reason.isPresent() && disks.stream().anyMatch(disk -> disk.since().isPresent())) {
      refused = reason;
      disks = with(Track.ANEW);
      reason = attempt(disks);
    }
    if (reason.isPresent() && disks.stream().anyMatch(PullBackup.Disk::tracked)) {
      refused = reason;
      disks = with(Track.NOT);
      reason = attempt(disks);
    }
    return reason;
  }

  private enum Track {
    ANEW,
    NOT
  }

  private List<PullBackup.Disk> with(Track track) {
    return disks.stream()
        .map(disk ->
            new PullBackup.Disk(
                disk.target(),
                Optional.empty(),
                track == Track.ANEW && disk.tracked(),
                disk.scratch()))
        .toList();
  }

  /// What would not be done of what was wanted, in QEMU's or libvirt's words.
  final Optional<String> refused() {
    return refused;
  }

  /// What is done of a disk.
  final PullBackup.Disk disk(String target) {
    return disks.stream().filter(disk -> disk.target().equals(target)).findFirst().orElseThrow();
  }

  /// A disk as it was.
  final Disk open(String target) throws IOException {
    return NbdDisk.open(address(target), READING);
  }

  /// What was written to a disk since its checkpoint.
  final List<DirtyBitmaps.Run> written(String target) throws IOException {
    return NbdBitmap.read(address(target), target, READING);
  }

  private NbdAddress address(String target) {
    return new NbdAddress(new NbdAddress.Place.Unix(socket()), target, false, Optional.empty());
  }
}
