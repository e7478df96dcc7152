package io.calco.backup.clonezilla;

import io.calco.disk.JobContext;

/// Tells of work by a name of its own.
///
/// @param step what is being done
/// @param job who hears of it
record NamedStep(String step, JobContext job) implements JobContext {
  @Override
  public void progress(String its, long done, long total) {
    job.progress(step, done, total);
  }

  @Override
  public void checkCancelled() {
    job.checkCancelled();
  }
}
