package io.calco.backup;

import io.calco.disk.JobContext;

/// Tells of the upload of each piece as of a place on the disk: done are the bytes up to there.
final class WholeProgress {
  private final JobContext job;
  private final long total;
  private final long frame;
  private long before;

  WholeProgress(JobContext job, DiskFacts disk) {
    this.job = job;
    long parts = 0;
    for (PartitionFacts partition : disk.partitions()) {
      parts += partition.kept() ? partition.length() : 0;
    }
    this.frame = parts == 0 ? disk.size() : 0;
    this.total = frame + parts;
  }

  /// For the frame: all there is, or next to nothing beside partitions.
  JobContext frame() {
    return new Part(frame, 0);
  }

  /// For the next partition.
  JobContext of(PartitionFacts partition) {
    Part part = new Part(partition.length(), before);
    before += partition.length();
    return part;
  }

  private final class Part implements JobContext {
    private final long length;
    private final long base;

    Part(long length, long base) {
      this.length = length;
      this.base = base;
    }

    @Override
    public void progress(String step, long done, long all) {
      job.progress("backing up", base + Math.min(done, length), total);
    }

    @Override
    public void checkCancelled() {
      job.checkCancelled();
    }
  }
}
