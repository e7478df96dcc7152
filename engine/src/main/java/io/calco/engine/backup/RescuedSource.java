package io.calco.engine.backup;

import io.calco.backup.Coverage;
import io.calco.backup.DiskDivision;
import io.calco.backup.Origin;
import io.calco.backup.UnreadFiles;
import io.calco.backup.rescue.Rescue;
import io.calco.backup.rescue.RescueOptions;
import io.calco.backup.rescue.Run;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A source that fails, while it is backed up. Confined.
final class RescuedSource implements AutoCloseable {
  private static final int SECTOR = 512;

  private final BackupRequest request;
  private final Path map;
  private final Rescue rescue;
  private final Disk disk;
  private final List<String> warnings = new ArrayList<>();

  private RescuedSource(BackupRequest request, Path map, Rescue rescue) {
    this.request = request;
    this.map = map;
    this.rescue = rescue;
    this.disk = rescue.disk();
  }

  /// Begins or continues.
  ///
  /// @param failing stays the caller's to close
  static RescuedSource open(BackupRequest request, Disk failing, Origin origin) throws IOException {
    BackupRequest.Salvage how = request.rescue().orElseThrow();
    int sector = Math.clamp(origin.sectorSize().orElse(SECTOR), SECTOR, 64 << 10);
    try {
      RescueOptions options = new RescueOptions(how.retries(), Integer.highestOneBit(sector));
      return new RescuedSource(request, how.map(), Rescue.open(failing, how.map(), options));
    } catch (IllegalArgumentException e) {
      throw new OperationException(
          Kind.USAGE, "--retries: found %d, expected 0 or more".formatted(how.retries()));
    }
  }

  /// What could be read of it.
  Disk disk() {
    return disk;
  }

  /// Cuts the disk: in full, when what says how it is filled cannot be read everywhere, and might
  /// say that something is free which is not.
  DiskDivision divide() throws IOException {
    long before = rescue.earlierBytes();
    if (before > 0) {
      warnings.add(
          "%,d bytes are as an earlier run read them: %s".formatted(before, Rescue.imageOf(map)));
    }
    DiskDivision division = DiskDivision.of(disk, request.coverage());
    if (rescue.hasMissed() && request.coverage() != Coverage.EVERY_SECTOR) {
      warnings.add(
          "the disk is kept in full: what tells which of it is in use cannot be read everywhere");
      return DiskDivision.of(disk, Coverage.EVERY_SECTOR);
    }
    return division;
  }

  /// Reads what can be read, and finds the files that cannot.
  UnreadFiles.Found read(DiskDivision division, JobContext job) throws IOException {
    List<Run> domain = division.keptRuns(request.partitions());
    rescue.run(domain, job);
    List<Run> unread = rescue.unread(domain).toList();
    return UnreadFiles.find(disk, unread, request.options().keys());
  }

  /// What is to be said of the point.
  List<String> warnings(UnreadFiles.Found lost) {
    List<String> all = new ArrayList<>(warnings);
    if (lost.unread().bytes() > 0) {
      all.add(lost.unread().sentence());
      all.addAll(lost.warnings());
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    try (rescue) {
      disk.close();
    }
  }
}
