package io.calco.disk.vdi;

import io.calco.disk.EntryTable;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.BitSet;

/// Compares the table with the file. Counts as `qemu-img check` does, but for a count of blocks in
/// the header that is too large: that takes space and harms nothing, and is a leak here. Confined.
final class Verification {
  private static final int STEP = 1 << 16;

  private final HostFile file;
  private final VdiHeader header;
  private final EntryTable table;
  private final JobContext job;
  private final long fileEnd;
  private final Findings findings = new Findings();
  private final BitSet used = new BitSet();

  Verification(HostFile file, VdiHeader header, JobContext job) throws IOException {
    this.file = file;
    this.header = header;
    this.table = VdiMap.table(file, header);
    this.job = job;
    this.fileEnd = file.size();
  }

  VerifyReport run() throws IOException {
    UsedBlocks.checkCount(file, table.count());
    long count = 0;
    long expected = -1;
    long nextStep = 0;
    for (long block = 0; block < table.count(); ) {
      if (block >= nextStep) {
        job.checkCancelled();
        job.progress("checking", block, table.count());
        nextStep = block + STEP;
      }
      int entry = table.get(block);
      if (!VdiLayout.isBlock(entry)) {
        block += table.run(block, table.count(), 0);
        continue;
      }
      if (checkPlace(block, entry)) {
        count++;
        if (expected >= 0 && entry != expected) {
          findings.fragmented();
        }
        expected = entry + 1L;
      }
      block++;
    }
    checkCount(count);
    findings.allocated(count);
    return findings.report(0, header.blocks());
  }

  /// @return false when the entry is no place at all
  private boolean checkPlace(long block, int entry) {
    if (!UsedBlocks.canBe(entry)) {
      findings.corruption(
          "block %d: %d is no place in a file", block, Integer.toUnsignedLong(entry));
      return false;
    }
    if (used.get(entry)) {
      findings.corruption("block %d: its place %d is another block's too", block, entry);
    } else if (header.hostOffset(entry) + header.present(block) > fileEnd) {
      findings.corruption(
          "block %d: its place %d lies outside the file of %d bytes", block, entry, fileEnd);
    }
    used.set(entry);
    return true;
  }

  private void checkCount(long count) {
    long recorded = header.allocated();
    if (recorded < Math.max(count, used.length())) {
      findings.corruption(
          "the header says that %d blocks are in the file; there are %d, up to place %d",
          recorded, count, used.length());
    } else if (recorded > count) {
      findings.leaks(
          recorded - count, "space of %d blocks that the block map does not use", recorded - count);
    }
  }
}
