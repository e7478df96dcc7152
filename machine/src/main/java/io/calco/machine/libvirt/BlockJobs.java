package io.calco.machine.libvirt;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Optional;

/// Work on the disks of running machines, which their own QEMU does while the guest goes on: each
/// disk has one job at most. A job outlives who began it. Safe for several threads.
///
/// A layer of a disk is named as libvirt does, `vda[3]` ([DiskLayer#name]).
public final class BlockJobs {
  private static final int INFO_BYTES = 1; // VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES
  private static final int PULL_BYTES = 64; // VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES
  private static final int COMMIT_ACTIVE = 4;
  private static final int COMMIT_BYTES = 16; // VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES
  private static final int ABORT_PIVOT = 2;

  private final Wire wire;

  BlockJobs(Wire wire) {
    this.wire = wire;
  }

  /// A job that is not over.
  ///
  /// @param done how much of it, in bytes
  /// @param total of how much; grows while the guest writes
  public record Job(long done, long total) {}

  /// Begins to copy what a disk's lower layers hold into its uppermost, which rests on none of them
  /// afterwards; returns at once (`virDomainBlockPull`).
  ///
  /// @param disk its place in the guest: `vda`
  /// @param bytesPerSecond how fast; 0 for no limit
  public void pull(Domain domain, String disk, long bytesPerSecond) throws IOException {
    wire.call(
        Procedure.DOMAIN_BLOCK_PULL,
        domain.arguments().put(disk).put(bytesPerSecond).put(PULL_BYTES));
  }

  /// The same with the layers above one that stays below (`virDomainBlockRebase`).
  ///
  /// @param base the layer that stays
  public void pull(Domain domain, String disk, String base, long bytesPerSecond)
      throws IOException {
    wire.call(
        Procedure.DOMAIN_BLOCK_REBASE,
        domain.arguments().put(disk).put(Optional.of(base)).put(bytesPerSecond).put(PULL_BYTES));
  }

  /// Begins to write what a disk's uppermost layer, and those between, hold into a lower one;
  /// returns at once (`virDomainBlockCommit`). The job goes on until it is finished or aborted:
  /// what the guest writes goes into both, once they are the same.
  ///
  /// @param base the layer that is written
  public void commit(Domain domain, String disk, String base, long bytesPerSecond)
      throws IOException {
    wire.call(
        Procedure.DOMAIN_BLOCK_COMMIT,
        domain
            .arguments()
            .put(disk)
            .put(Optional.of(base))
            .put(Optional.empty())
            .put(bytesPerSecond)
            .put(COMMIT_ACTIVE | COMMIT_BYTES));
  }

  /// The job of a disk; none once it is over, well or not: what the disk rests on then tells which.
  public Optional<Job> find(Domain domain, String disk) throws IOException {
    XdrReader answer =
        wire.call(
            Procedure.DOMAIN_GET_BLOCK_JOB_INFO, domain.arguments().put(disk).put(INFO_BYTES));
    return answer.readBoolean() ? Optional.of(job(answer)) : Optional.empty();
  }

  private static Job job(XdrReader answer) throws ProtocolException {
    answer.readInt(); // its kind, which we began
    answer.readHyper(); // its limit
    return new Job(answer.readHyper(), answer.readHyper());
  }

  /// Ends a job as it is. Of a commit both layers show the guest the same; of what was copied
  /// nothing is taken back.
  public void abort(Domain domain, String disk) throws IOException {
    wire.call(Procedure.DOMAIN_BLOCK_JOB_ABORT, domain.arguments().put(disk).put(0));
  }

  /// Ends a commit whose layers are the same: the machine goes on with the lower one alone.
  public void pivot(Domain domain, String disk) throws IOException {
    wire.call(Procedure.DOMAIN_BLOCK_JOB_ABORT, domain.arguments().put(disk).put(ABORT_PIVOT));
  }
}
