package io.calco.disk.vmdk;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Findings;
import io.calco.disk.JobContext;
import io.calco.disk.Mapping;
import io.calco.disk.VerifyReport;
import java.io.IOException;

/// Compares all metadata with the specification's rules. Confined.
final class Verification {
  private final ImageFiles files;
  private final JobContext job;
  private final Findings findings = new Findings();
  private long total;
  private long allocated;
  private long fragmented;
  private long compressed;
  private long end;

  Verification(ImageFiles files, JobContext job) {
    this.files = files;
    this.job = job;
  }

  VerifyReport run() throws IOException {
    for (ImageFiles.Part part : files.parts()) {
      switch (part.extent()) {
        case FlatExtent flat -> checkFlat(flat);
        case SparseExtent sparse -> checkSparse(part, sparse);
        case SeSparseExtent sparse -> checkSeSparse(sparse);
        case EmptyExtent empty -> {}
      }
    }
    return new VerifyReport(
        findings.corruptions(),
        findings.leaks(),
        findings.checkErrors(),
        0,
        0,
        Math.max(end, files.own().size()),
        total,
        allocated,
        fragmented,
        compressed,
        findings.lines());
  }

  private void checkFlat(FlatExtent flat) throws IOException {
    if (flat.file().size() < flat.end()) {
      findings.corruption(
          "flat extent %s ends at 0x%x, expected 0x%x",
          flat.file().name(), flat.file().size(), flat.end());
    }
  }

  private void checkSparse(ImageFiles.Part part, SparseExtent sparse) throws IOException {
    SparseCheck check = new SparseCheck(sparse, part.header(), findings, job);
    check.run();
    total += sparse.geometry().grains();
    allocated += check.allocated();
    fragmented += check.fragmented();
    compressed += sparse.geometry().compressed() ? check.allocated() : 0;
    end = Math.max(end, check.end());
  }

  /// Asks for every run; a table or a grain that is not in the file is an exception there.
  private void checkSeSparse(SeSparseExtent sparse) throws IOException {
    int grain = sparse.grainBytes().orElseThrow();
    total += sparse.size() / grain;
    for (long at = 0; at < sparse.size(); ) {
      job.checkCancelled();
      try {
        Mapping run = sparse.map(at, sparse.size() - at);
        allocated += run instanceof Mapping.Data ? Math.ceilDiv(run.length(), grain) : 0;
        at += run.length();
      } catch (CorruptImageException e) {
        findings.corruption("%s", String.valueOf(e.getMessage()));
        at = sparse.afterDamage(at);
      }
    }
  }
}
