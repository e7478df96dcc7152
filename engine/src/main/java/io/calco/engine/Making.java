package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Job;
import io.calco.sys.FileSeal;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A note in the catalogue of files that are there before (or after) their record is: what a killed
/// process leaves can then be told from what it made, and is cleared away by the next one.
final class Making implements AutoCloseable {
  private final Catalog catalog;
  private final Job job;
  private boolean done;

  private Making(Catalog catalog, Job job) {
    this.catalog = catalog;
    this.job = job;
  }

  /// Notes that these files come or go, before they do.
  static Making begin(Catalog catalog, String what, List<Path> files) throws IOException {
    return new Making(catalog, catalog.beginJob(what, ProcessMark.self().toString(), files));
  }

  /// What is there is recorded, what is recorded is there.
  void done() throws IOException {
    catalog.endJob(job);
    done = true;
  }

  /// Clears away what has no record, after a failure.
  @Override
  public void close() throws IOException {
    if (!done) {
      clear(catalog, job);
    }
  }

  /// Clears away what processes that have ended left. The home is one machine's: whoever does not
  /// run on it has ended.
  static void sweep(Catalog catalog) throws IOException {
    for (Job job : catalog.jobs()) {
      boolean running =
          ProcessMark.parse(job.process())
              .map(mark -> mark.state() == ProcessMark.State.RUNNING)
              .orElse(false);
      if (!running) {
        clear(catalog, job);
      }
    }
  }

  private static void clear(Catalog catalog, Job job) throws IOException {
    for (Path file : job.files()) {
      if (Files.exists(file) && !catalog.knowsDisk(file)) {
        FileSeal.unseal(file);
        Files.delete(file);
      }
    }
    catalog.endJob(job);
  }
}
