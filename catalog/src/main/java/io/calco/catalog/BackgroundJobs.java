package io.calco.catalog;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The catalogue's record of servers' long work. Every method that changes something is one
/// transaction, on the medium when it returns.
///
/// Thread rule: safe for several threads; readers do not wait for a writer.
public final class BackgroundJobs {
  /// Ours: how many jobs are remembered; those that have not ended always are.
  private static final int KEPT = 10_000;

  private final Database database;
  private final BackgroundJobTable jobs;

  BackgroundJobs(Database database) {
    this.database = database;
    this.jobs = new BackgroundJobTable(database);
  }

  /// Adds a job, and forgets the oldest when there are too many.
  public void add(BackgroundJob job) throws IOException {
    database.write(() -> {
      jobs.insert(job);
      jobs.prune(KEPT);
      return true;
    });
  }

  /// Records that a job runs.
  ///
  /// @return as recorded
  public BackgroundJob begin(BackgroundJob job) throws IOException {
    return update(job.begun(Moments.now()));
  }

  /// Records how a job ended.
  ///
  /// @param state one of those that are an end
  /// @param result what came of it
  /// @param message why it failed
  /// @return as recorded
  public BackgroundJob end(
      BackgroundJob job, BackgroundJob.State state, String result, String message)
      throws IOException {
    return update(job.ended(state, result, message, Moments.now()));
  }

  private BackgroundJob update(BackgroundJob job) throws IOException {
    return database.write(() -> {
      jobs.update(job);
      return job;
    });
  }

  /// Records that those which have not ended were interrupted: their server is gone.
  ///
  /// @return them, as recorded
  public List<BackgroundJob> interruptUnfinished() throws IOException {
    return database.write(() -> {
      List<BackgroundJob> left =
          jobs.unfinished().stream()
              .map(job -> job.ended(BackgroundJob.State.INTERRUPTED, "", "", Moments.now()))
              .toList();
      for (BackgroundJob job : left) {
        jobs.update(job);
      }
      return left;
    });
  }

  /// The job of that id.
  public Optional<BackgroundJob> find(String id) throws IOException {
    return database.read(() -> jobs.find(id));
  }

  /// Jobs, newest first.
  ///
  /// @param userId whose; empty for everybody's
  /// @param after the id of the job that the list goes on after; empty for the newest
  /// @param limit at most that many
  public List<BackgroundJob> list(Optional<String> userId, Optional<String> after, int limit)
      throws IOException {
    return database.read(() -> jobs.newest(userId, after, limit));
  }
}
