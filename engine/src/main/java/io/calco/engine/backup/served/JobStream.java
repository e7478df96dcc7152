package io.calco.engine.backup.served;

import io.calco.disk.BulkInput;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.io.InputStream;

/// Bytes on their way, as a job: it is told how far they are, and may stop them. Confined.
final class JobStream extends BulkInput {
  private final InputStream in;
  private final long size;
  private final JobContext job;
  private long done;

  /// @param in stays the caller's
  /// @param size how many bytes there will be
  JobStream(InputStream in, long size, JobContext job) {
    this.in = in;
    this.size = size;
    this.job = job;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    job.checkCancelled();
    int read = in.read(bytes, offset, length);
    done += Math.max(0, read);
    job.progress("storing", done, size);
    return read;
  }
}
