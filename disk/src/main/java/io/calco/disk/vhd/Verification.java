package io.calco.disk.vhd;

import io.calco.disk.EntryTable;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.Arrays;

/// Compares an image's metadata with the specification's rules. QEMU has no check for this format;
/// the counts mean what they mean elsewhere: a corruption is a rule broken so that data is lost or
/// will be, a leak is something that a writer mends on its way. Confined.
final class Verification {
  private static final int STEP = 1 << 16;

  private final HostFile file;
  private final JobContext job;
  private final Findings findings = new Findings();

  Verification(HostFile file, JobContext job) {
    this.file = file;
    this.job = job;
  }

  VerifyReport run() throws IOException {
    Footers footers = Footers.read(file, true);
    VhdFooter footer = footers.footer();
    if (!footer.isSound()) {
      findings.corruption(
          "footer: checksum 0x%08x, expected 0x%08x",
          footer.storedChecksum(), footer.rightChecksum());
    } else if (!footers.headSound()) {
      findings.corruption("footer's copy at the beginning is missing or damaged");
    } else if (!footers.tailSound()) {
      findings.leak("footer at the end is missing, damaged or out of step with its copy");
    }
    if (!footer.isSparse()) {
      return report(file.size(), 0, 0);
    }
    DynamicHeader header = DynamicHeader.read(file, footer, true);
    if (!header.hasRightChecksum()) {
      findings.corruption("dynamic disk header at 0x%x: wrong checksum", header.offset());
    }
    return checkBlocks(footer, header);
  }

  private VerifyReport checkBlocks(VhdFooter footer, DynamicHeader header) throws IOException {
    SparseMap map = new SparseMap(file, footer, header, false);
    long whole = map.bitmapSize() + (long) map.blockSize();
    EntryTable table = map.table();
    int[] starts = new int[(int) countUsed(table, map.blocks())];
    int count = 0;
    long before = 0;
    for (long block = 0; block < map.blocks() && count < starts.length; block++) {
      progress(block, map.blocks());
      int entry = table.get(block);
      if (entry == VhdLayout.UNUSED) {
        block += table.run(block, map.blocks(), 0) - 1;
        continue;
      }
      long host = SparseMap.hostOffset(entry);
      starts[count++] = entry ^ Integer.MIN_VALUE;
      if (BlockSpace.overMetadata(header, host, whole)) {
        findings.corruption("block %d at 0x%x lies over the image's metadata", block, host);
      } else if (host + whole > file.size()) {
        findings.corruption(
            "block %d at 0x%x lies outside the file of 0x%x bytes", block, host, file.size());
      }
      if (before != 0 && (host < before || host > before + map.blockSize() - 1)) {
        findings.fragmented();
      }
      before = host + whole;
    }
    long end = checkGaps(starts, whole, header);
    return report(end + VhdLayout.FOOTER_LENGTH, map.blocks(), count);
  }

  private static long countUsed(EntryTable table, long blocks) throws IOException {
    long used = 0;
    for (long block = 0; block < blocks; ) {
      if (table.get(block) == VhdLayout.UNUSED) {
        block += table.run(block, blocks, 0);
      } else {
        used++;
        block++;
      }
    }
    return used;
  }

  /// Finds blocks over each other, and space between blocks that could hold one.
  ///
  /// @param starts the blocks' first sectors, made to sort as signed numbers
  /// @return the first byte after all of them
  private long checkGaps(int[] starts, long whole, DynamicHeader header) {
    Arrays.sort(starts);
    long end = 0;
    for (int start : starts) {
      long host = SparseMap.hostOffset(start ^ Integer.MIN_VALUE);
      if (host < end) {
        findings.corruption("block at 0x%x lies over another that ends at 0x%x", host, end);
      } else if (end > 0 && host - end >= whole) {
        findings.leaks(
            (host - end) / whole, "space of %d blocks at 0x%x", (host - end) / whole, end);
      }
      end = host + whole;
    }
    return Math.max(end, Math.max(header.tableEnd(), header.offset() + VhdLayout.HEADER_LENGTH));
  }

  private void progress(long block, long blocks) {
    if (block % STEP == 0) {
      job.checkCancelled();
      job.progress("checking", block, blocks);
    }
  }

  private VerifyReport report(long end, long blocks, long allocated) {
    findings.allocated(allocated);
    return findings.report(end, blocks);
  }
}
