package io.calco.disk.vhdx;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Looks at every block of an image: each must lie inside the file, apart from all else. What it
/// found out of the file's space is what a writer goes by. Confined.
final class BlockCheck {
  /// Ours: more lines help nobody.
  private static final int FINDINGS_MAX = 1000;

  private static final int STEP = 1 << 16;

  private final HostFile file;
  private final long fileEnd;
  private final BlockTable table;
  private final Metadata metadata;
  private final HostSpace space = new HostSpace();
  private final List<String> findings = new ArrayList<>();
  private long corruptions;
  private long allocated;
  private long fragmented;
  private long lastEnd = -1;

  BlockCheck(
      HostFile file, BlockTable table, Metadata metadata, RegionTable regions, VhdxHeader header)
      throws IOException {
    this.file = file;
    this.fileEnd = VhdxLayout.up(file.size(), VhdxLayout.MIB);
    this.table = table;
    this.metadata = metadata;
    take("headers", 0, VhdxLayout.MIB);
    take("log", header.logOffset(), header.logLength());
    for (RegionTable.Region region : regions.all()) {
      take("region " + region.guid(), region.offset(), region.length());
    }
  }

  void run(JobContext job) throws IOException {
    long nextStep = 0;
    for (long block = 0; block < table.blocks(); ) {
      if (block >= nextStep) {
        job.checkCancelled();
        job.progress("checking", block, table.blocks());
        nextStep = block + STEP;
      }
      long entry = table.block(block);
      if (BlockTable.isAbsent(entry)) {
        block += table.run(block, table.blocks() - block, 0);
        continue;
      }
      check(block++, entry);
    }
    if (metadata.parent().isPresent()) {
      for (long block = 0; block < table.blocks(); block += table.chunkRatio()) {
        long bitmap = table.bitmap(block);
        if (BlockTable.state(bitmap) == BlockTable.PRESENT) {
          take("sector bitmap of block " + block, BlockTable.host(bitmap), VhdxLayout.MIB);
        }
      }
    }
  }

  private void check(long block, long entry) throws IOException {
    int state = BlockTable.state(entry);
    if (state == BlockTable.PARTIAL) {
      if (metadata.parent().isEmpty()) {
        found("block %d: partly present, without a parent".formatted(block));
      } else if (BlockTable.state(table.bitmap(block)) != BlockTable.PRESENT) {
        found("block %d: partly present, without a sector bitmap".formatted(block));
      }
    } else if (state != BlockTable.PRESENT) {
      found("block %d: unknown state %d".formatted(block, state));
      return;
    }
    long host = BlockTable.host(entry);
    allocated++;
    if (lastEnd >= 0 && host != lastEnd) {
      fragmented++;
    }
    lastEnd = host + metadata.blockSize();
    take("block " + block, host, metadata.blockSize());
  }

  private void take(String what, long offset, long length) {
    if (!HostSpace.covers(offset, length) || offset + length > fileEnd) {
      found("%s: at 0x%x, beyond the end of the file".formatted(what, offset));
    } else if (!space.take(offset, length)) {
      found("%s: at 0x%x, where something else lies".formatted(what, offset));
    }
  }

  private void found(String finding) {
    corruptions++;
    if (findings.size() < FINDINGS_MAX) {
      findings.add(file.name() + ": " + finding);
    }
  }

  List<String> findings() {
    return findings;
  }

  /// Where there is room for more.
  HostSpace space() {
    return space;
  }

  /// True when anything was ever written.
  boolean hasData() {
    return allocated > 0;
  }

  /// @param damagedCopies copies of headers and region tables that another copy stands in for
  /// @param corruptionsFixed what was mended before
  VerifyReport report(List<String> damagedCopies, long corruptionsFixed) {
    List<String> lines = new ArrayList<>(damagedCopies);
    lines.addAll(findings);
    return new VerifyReport(
        corruptions + damagedCopies.size(),
        0,
        0,
        corruptionsFixed,
        0,
        space.end(),
        table.blocks(),
        allocated,
        fragmented,
        0,
        lines);
  }
}
