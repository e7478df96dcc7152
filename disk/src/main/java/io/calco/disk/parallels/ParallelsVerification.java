package io.calco.disk.parallels;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.TableSlices;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.Arrays;

/// Compares header, BAT and format extension with the specification's rules, and counts as
/// `qemu-img check` does.
final class ParallelsVerification {
  private final HostFile file;
  private final ParallelsHeader header;
  private final TableSlices bat;
  private final JobContext job;
  private final Findings findings = new Findings();
  private long highest;
  private long previous;

  /// The BAT entries in use, unsigned.
  private final int[] used;

  private int usedCount;

  ParallelsVerification(HostFile file, ParallelsHeader header, TableSlices bat, JobContext job) {
    this.file = file;
    this.header = header;
    this.bat = bat;
    this.job = job;
    this.used = new int[header.batEntries()];
  }

  VerifyReport run() throws IOException {
    if (header.inUse()) {
      findings.corruption("the image was not closed in order");
    }
    int entries = header.batEntries();
    for (int first = 0; first < entries; first += TableSlices.WORDS) {
      job.checkCancelled();
      long[] slice = bat.slice(ParallelsHeader.LENGTH, entries, first);
      for (int i = 0; i < slice.length; i++) {
        check(first + i, slice[i]);
      }
      job.progress("verifying", first, entries);
    }
    checkUnique();
    checkExtension();
    long end = highest == 0 ? header.dataOffset() : highest + header.clusterSize();
    if (file.size() > end) {
      long clusters = (file.size() - end - 1) / header.clusterSize() + 1;
      findings.leaks(clusters, "%d clusters at 0x%x: nothing uses them", clusters, end);
    }
    return findings.report(end, entries);
  }

  /// A cluster outside the file counts as allocated, as QEMU counts it.
  private void check(int index, long entry) throws IOException {
    if (entry == 0) {
      previous = 0;
      return;
    }
    long offset = entry * header.entryUnit();
    if (offset > file.size()) {
      findings.corruption("BAT entry %d: the cluster at 0x%x lies outside the file", index, offset);
    }
    used[usedCount++] = (int) entry;
    findings.allocated(1);
    highest = Math.max(highest, offset);
    if (previous != 0 && previous + header.clusterSize() != offset) {
      findings.fragmented();
    }
    previous = offset;
  }

  private void checkUnique() {
    Arrays.sort(used, 0, usedCount);
    for (int i = 1; i < usedCount; i++) {
      if (used[i] == used[i - 1]) {
        findings.corruption(
            "the cluster at 0x%x is used twice",
            Integer.toUnsignedLong(used[i]) * header.entryUnit());
      }
    }
  }

  /// The extension's own cluster and those of its bitmaps are in no BAT.
  private void checkExtension() throws IOException {
    try {
      FormatExtension.bitmaps(file, header);
    } catch (CorruptImageException e) {
      findings.corruption("%s", String.valueOf(e.getMessage()));
    }
    highest = Math.max(highest, header.extensionOffset());
  }
}
