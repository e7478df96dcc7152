package io.calco.machine.libvirt;

import io.calco.machine.BlockJob;
import io.calco.machine.DiskLayer;
import io.calco.machine.LiveDisk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A disk of a running machine of libvirt's: `virDomainBlockRebase`, `virDomainBlockCommit`. Safe
/// for several threads.
final class DomainLiveDisk implements LiveDisk {
  private static final int INFO_BYTES = 1; // VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES
  private static final int PULL_BYTES = 64; // VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES
  private static final int COMMIT_ACTIVE = 4;
  private static final int COMMIT_BYTES = 16; // VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES
  private static final int ABORT_PIVOT = 2;

  private final Wire wire;
  private final Domain domain;
  private final String target;

  DomainLiveDisk(Wire wire, Domain domain, String target) {
    this.wire = wire;
    this.domain = domain;
    this.target = target;
  }

  @Override
  public String machine() {
    return domain.name();
  }

  @Override
  public String target() {
    return target;
  }

  private DomainXml xml() throws IOException {
    return new Domains(wire).xml(domain, Domains.Description.LIVE);
  }

  @Override
  public List<DiskLayer> layers() throws IOException {
    return xml().layers(target);
  }

  private XdrWriter arguments() {
    return domain.arguments().put(target);
  }

  @Override
  public void pull(Optional<DiskLayer> base, long bytesPerSecond) throws IOException {
    if (base.isPresent()) {
      wire.call(
          Procedure.DOMAIN_BLOCK_REBASE,
          arguments().put(base.map(DiskLayer::name)).put(bytesPerSecond).put(PULL_BYTES));
    } else {
      wire.call(Procedure.DOMAIN_BLOCK_PULL, arguments().put(bytesPerSecond).put(PULL_BYTES));
    }
  }

  @Override
  public void commit(DiskLayer base, long bytesPerSecond) throws IOException {
    wire.call(
        Procedure.DOMAIN_BLOCK_COMMIT,
        arguments()
            .put(Optional.of(base.name()))
            .put(Optional.empty())
            .put(bytesPerSecond)
            .put(COMMIT_ACTIVE | COMMIT_BYTES));
  }

  @Override
  public Optional<BlockJob> job() throws IOException {
    XdrReader answer = wire.call(Procedure.DOMAIN_GET_BLOCK_JOB_INFO, arguments().put(INFO_BYTES));
    if (!answer.readBoolean()) {
      return Optional.empty();
    }
    answer.readInt(); // its kind, which we began
    answer.readHyper(); // its limit
    long done = answer.readHyper();
    long total = answer.readHyper();
    return Optional.of(new BlockJob(done, total, done == total && xml().mirrored(target)));
  }

  @Override
  public void abort() throws IOException {
    wire.call(Procedure.DOMAIN_BLOCK_JOB_ABORT, arguments().put(0));
  }

  @Override
  public void pivot() throws IOException {
    wire.call(Procedure.DOMAIN_BLOCK_JOB_ABORT, arguments().put(ABORT_PIVOT));
  }
}
