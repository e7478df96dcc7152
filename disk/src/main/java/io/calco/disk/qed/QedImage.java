package io.calco.disk.qed;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.MappedRun;
import io.calco.disk.Mapping;
import io.calco.disk.ReadOnlyImage;
import io.calco.disk.TableSlices;
import io.calco.disk.VerifyReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open QED image.
final class QedImage extends ReadOnlyImage {
  /// Tables or slices of them that one answer may look through, so that it stays short.
  private static final int SLICES_MAX = 64;

  /// An L2 entry that reads as zeroes.
  static final long ZERO_CLUSTER = 1;

  private final QedHeader header;
  private final TableSlices tables;
  private final int clusterBits;
  private final int tableBits;

  QedImage(HostFile file) throws IOException {
    super(file);
    this.header = QedHeader.read(file);
    this.tables = TableSlices.of(file, "L1 or L2 table", QedHeader.U64);
    this.clusterBits = Integer.numberOfTrailingZeros(header.clusterSize());
    this.tableBits = clusterBits + Integer.numberOfTrailingZeros(header.tableEntries());
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public int unitLength() {
    return header.clusterSize();
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long end = Math.min(Math.addExact(offset, maxLength), header.size());
    MappedRun run = new MappedRun(file());
    long at = offset;
    for (int slices = 0; at < end && slices < SLICES_MAX; ) {
      long table = table(at);
      long sliceEnd;
      long next;
      if (table == 0) {
        sliceEnd = Math.min(end, boundary(at, tableBits));
        next = run.extendUnallocated(sliceEnd - at) ? sliceEnd : at;
      } else {
        long cover = (long) Math.min(TableSlices.WORDS, header.tableEntries()) << clusterBits;
        sliceEnd = Math.min(end, boundary(at, Long.numberOfTrailingZeros(cover)));
        next = extend(run, table, at, sliceEnd);
        slices++;
      }
      if (next < sliceEnd) {
        break;
      }
      at = next;
    }
    return run.toMapping();
  }

  /// The next multiple of 2 to the power of `bits`; beyond the longest disk, its end.
  private static long boundary(long at, int bits) {
    long next = (at >>> bits) + 1 << bits;
    return next < 0 ? Long.MAX_VALUE : next;
  }

  /// The L2 table of a guest offset, or 0.
  private long table(long at) throws IOException {
    long table = tables.word(header.l1Offset(), header.tableEntries(), at >>> tableBits);
    if (table != 0 && !header.isTable(table)) {
      throw new CorruptImageException(
          "%s: L1 entry for guest offset 0x%x: found 0x%x, expected the offset of a table"
              .formatted(file().name(), at, table));
    }
    return table;
  }

  /// Extends the run within one slice; the guest offset reached.
  private long extend(MappedRun run, long table, long from, long end) throws IOException {
    int entries = header.tableEntries();
    long index = from >>> clusterBits & entries - 1;
    long[] slice = tables.slice(table, entries, index);
    int word = (int) (index % TableSlices.WORDS);
    long at = from;
    while (at < end) {
      long next = Math.min(end, boundary(at, clusterBits));
      long entry = slice[word++];
      boolean extended;
      if (entry == 0) {
        extended = run.extendUnallocated(next - at);
      } else if (entry == ZERO_CLUSTER) {
        extended = run.extendZero(next - at);
      } else {
        if (!header.isCluster(entry)) {
          throw new CorruptImageException(
              "%s: L2 entry for guest offset 0x%x: found 0x%x, expected the offset of a cluster"
                  .formatted(file().name(), at, entry));
        }
        extended = run.extendData(entry + (at & header.clusterSize() - 1), next - at);
      }
      if (!extended) {
        return at;
      }
      at = next;
    }
    return at;
  }

  @Override
  public FormatInfo info() {
    return new FormatInfo(
        Optional.of(header.clusterSize()),
        header.backing(),
        header.needsCheck(),
        false,
        false,
        false,
        List.of(),
        Map.of());
  }

  /// Nobody makes such images any more, and the programs that open them are little looked after.
  @Override
  public List<String> risks() throws IOException {
    List<String> all = new ArrayList<>(super.risks());
    all.add("is a QED image; none is taken from a stranger: convert it to qcow2");
    return all;
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    return new QedVerification(file(), header, tables, job).run();
  }
}
