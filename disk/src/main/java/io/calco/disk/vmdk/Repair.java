package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Mends what the redundant tables can mend: entries and tables that lead out of the file are taken
/// from the copy, and then the copy is made the same. Confined.
final class Repair {
  private final ImageFiles files;
  private final JobContext job;

  Repair(ImageFiles files, JobContext job) {
    this.files = files;
    this.job = job;
  }

  VerifyReport run(RepairScope scope) throws IOException {
    VerifyReport before = new Verification(files, job).run();
    if (before.clean() && !isUnclean()) {
      return before;
    }
    for (ImageFiles.Part part : files.parts()) {
      Optional<SparseHeader> header = part.header();
      boolean mends = scope == RepairScope.ALL || before.corruptions() == 0;
      if (mends && part.extent() instanceof SparseExtent sparse && header.isPresent()) {
        mend(sparse);
      }
    }
    VerifyReport after = new Verification(files, job).run();
    if (after.corruptions() + after.checkErrors() == 0) {
      markClosed();
    }
    return before.repaired(after);
  }

  private boolean isUnclean() {
    return files.parts().stream()
        .anyMatch(part -> part.header().map(SparseHeader::uncleanShutdown).orElse(false));
  }

  private void markClosed() throws IOException {
    for (ImageFiles.Part part : files.parts()) {
      if (part.header().map(h -> h.uncleanShutdown() && !h.compressed()).orElse(false)) {
        HostFile file = part.file().orElseThrow();
        file.sync();
        file.write(SparseLayout.UNCLEAN_SHUTDOWN, MemorySegment.ofArray(new byte[1]));
        file.sync();
      }
    }
  }

  private void mend(SparseExtent sparse) throws IOException {
    SparseGeometry geometry = sparse.geometry();
    HostFile file = sparse.file();
    if (geometry.redundant() == 0 || geometry.compressed()) {
      return;
    }
    GrainDirectory directory =
        new GrainDirectory(file, "grain directory", geometry.directory(), geometry.tables());
    GrainDirectory redundant;
    try {
      redundant =
          new GrainDirectory(
              file, "redundant grain directory", geometry.redundant(), geometry.tables());
    } catch (CorruptImageException nothingToMendFrom) {
      return;
    }
    for (int i = 0; i < geometry.tables(); i++) {
      job.checkCancelled();
      mendTable(file, geometry, directory, redundant, i);
    }
    file.sync();
  }

  private void mendTable(
      HostFile file,
      SparseGeometry geometry,
      GrainDirectory directory,
      GrainDirectory redundant,
      int index)
      throws IOException {
    long place = directory.sector(index) * SECTOR;
    long copy = redundant.sector(index) * SECTOR;
    boolean usable = isTable(file, geometry, place);
    boolean copyUsable = isTable(file, geometry, copy);
    if (!usable && !copyUsable) {
      return;
    }
    int[] entries = read(file, geometry, usable ? place : copy);
    if (usable && copyUsable) {
      takeSound(file, geometry, entries, read(file, geometry, copy));
    }
    write(file, geometry, directory, index, usable ? place : 0, entries);
    write(file, geometry, redundant, index, copyUsable ? copy : 0, entries);
  }

  private static boolean isTable(HostFile file, SparseGeometry geometry, long place)
      throws IOException {
    return place >= SECTOR && place <= file.size() - geometry.tableBytes();
  }

  private static int[] read(HostFile file, SparseGeometry geometry, long place) throws IOException {
    return GrainDirectory.readEntries(file, place, geometry.entriesPerTable());
  }

  /// Entries that lead out of the file are taken from the copy, where its lead into it.
  private static void takeSound(HostFile file, SparseGeometry geometry, int[] entries, int[] copy)
      throws IOException {
    long sectors = file.size() / SECTOR;
    for (int i = 0; i < geometry.entriesPerTable(); i++) {
      if (Integer.toUnsignedLong(entries[i]) >= sectors
          && Integer.toUnsignedLong(copy[i]) < sectors) {
        entries[i] = copy[i];
      }
    }
  }

  /// Writes a table to its place, or to the end of the file when it has none.
  private static void write(
      HostFile file,
      SparseGeometry geometry,
      GrainDirectory directory,
      int index,
      long place,
      int[] entries)
      throws IOException {
    if (place != 0) {
      GrainDirectory.writeEntries(file, place, entries, 0, entries.length);
      return;
    }
    long grain = geometry.grainBytes();
    long end = Math.ceilDiv(file.size(), grain) * grain;
    file.truncate(end + Math.max(grain, geometry.tableBytes()));
    GrainDirectory.writeEntries(file, end, entries, 0, entries.length);
    file.sync();
    directory.set(index, end / SECTOR);
  }
}
