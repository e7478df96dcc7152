package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Job;
import io.calco.disk.BesideFile;
import io.calco.engine.OperationException.Kind;
import io.calco.sys.FileSeal;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A note in the catalogue of files that are there before (or after) their record is: what a killed
/// process leaves can then be told from what it made, and is cleared away by the next one. While it
/// stands, no other process may begin on one of its files.
final class Making implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Making.class.getName());

  private final Calco calco;
  private final Job job;
  private boolean done;

  private Making(Calco calco, Job job) {
    this.calco = calco;
    this.job = job;
  }

  /// Notes that these files come or go, before they do.
  ///
  /// @throws OperationException when another process is at one of them
  static Making begin(Calco calco, String what, List<Path> files) throws IOException {
    Catalog catalog = calco.catalog();
    List<Job> begun = new ArrayList<>();
    catalog.inTransaction(() -> {
      for (Job other : catalog.jobs()) {
        requireApart(other, files);
      }
      begun.add(catalog.beginJob(what, ProcessMark.self().toString(), files));
    });
    return new Making(calco, begun.getFirst());
  }

  private static void requireApart(Job other, List<Path> files) {
    for (Path file : files) {
      if (other.files().contains(file)) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: another calco is at it: %s".formatted(file, other.what()),
            "try again when that is done");
      }
    }
  }

  /// What is there is recorded, what is recorded is there.
  void done() throws IOException {
    calco.catalog().endJob(job);
    done = true;
  }

  /// Clears away what has no record, after a failure.
  @Override
  public void close() throws IOException {
    if (!done) {
      clear(calco, job);
    }
  }

  /// Clears away what processes that have ended left, and finishes what they had all but done. The
  /// home is one machine's: whoever does not run on it has ended.
  static void sweep(Calco calco) throws IOException {
    for (Job job : calco.catalog().jobs()) {
      boolean running =
          ProcessMark.parse(job.process())
              .map(mark -> mark.state() == ProcessMark.State.RUNNING)
              .orElse(false);
      if (!running) {
        clearOrLeave(calco, job);
      }
    }
  }

  /// Files that are another user's to clear stay with their note, and the doctor names them.
  private static void clearOrLeave(Calco calco, Job job) throws IOException {
    try {
      sweepBeside(job);
      clear(calco, job);
    } catch (AccessDeniedException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "left as it is: " + job.what(), e);
    }
  }

  /// Clones may lie anywhere: so may their unpublished files.
  private static void sweepBeside(Job job) throws IOException {
    Set<Path> directories = new HashSet<>();
    for (Path file : job.files()) {
      Path directory = file.resolveSibling("");
      if (directories.add(directory) && Files.isDirectory(directory)) {
        BesideFile.sweep(directory);
      }
    }
  }

  private static void clear(Calco calco, Job job) throws IOException {
    for (Path file : job.files()) {
      if (!Files.exists(file)) {
        continue;
      }
      if (calco.knows(file)) {
        calco.clones().settle(file);
      } else {
        FileSeal.unseal(file);
        Files.delete(file);
      }
    }
    calco.catalog().endJob(job);
  }
}
