package io.calco.engine.backup;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
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

  private List<PullBackup.Disk> disks = List.of();
  private Optional<String> refused = Optional.empty();

  /// Begins it.
  ///
  /// @return why it was refused; empty when it goes on
  /// @throws IOException when nothing can be asked any more
  abstract Optional<String> attempt(List<PullBackup.Disk> wanted) throws IOException;

  /// Where the disks are served, by their targets.
  abstract Path socket();

  /// Whether the file systems were held still for the instant.
  abstract boolean frozen();

  @Override
  public abstract void close() throws IOException;

  /// Without what was written since when that is not known, and without a checkpoint when none can
  /// be made.
  ///
  /// @return why it is refused even so
  final Optional<String> beginAsFarAsPossible(List<PullBackup.Disk> wanted) throws IOException {
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
