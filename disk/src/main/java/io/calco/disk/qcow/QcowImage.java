package io.calco.disk.qcow;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.InflatedUnit;
import io.calco.disk.MappedRun;
import io.calco.disk.Mapping;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.ReadOnlyImage;
import io.calco.disk.TableSlices;
import io.calco.disk.crypt.EncryptedFile;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An open qcow image.
final class QcowImage extends ReadOnlyImage {
  private static final String COMPRESSED_CLUSTER = "compressed cluster";

  /// L2 tables that one answer may look through, so that it stays short.
  private static final int TABLES_MAX = 256;

  /// QEMU: raw clusters lie on sectors.
  private static final int SECTOR = 512;

  /// Ours: no file is longer.
  private static final long HOST_OFFSET_MAX = 1L << 56;

  private final QcowHeader header;
  private final TableSlices l1;
  private final TableSlices l2;
  private final @Nullable SectorEncryption encryption;

  QcowImage(HostFile file, Optional<Passphrase> passphrase) throws IOException {
    super(file);
    this.header = QcowHeader.read(file);
    this.encryption =
        header.encrypted() ? passphrase.map(SectorEncryption::ofQcow).orElse(null) : null;
    this.l1 = TableSlices.of(file, "L1 table", QcowHeader.U64);
    this.l2 = TableSlices.of(file, "L2 table", QcowHeader.U64);
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
    if (header.encrypted() && encryption == null) {
      throw PassphraseException.missing(file().name());
    }
    long end = Math.min(Math.addExact(offset, maxLength), header.size());
    int tableBits = header.clusterBits() + header.l2Bits();
    MappedRun run = new MappedRun(file());
    long at = offset;
    for (int tables = 0; at < end && tables < TABLES_MAX; ) {
      long tableEnd = Math.min(end, (at >>> tableBits) + 1 << tableBits);
      long table = l1.word(header.l1Offset(), header.l1Entries(), at >>> tableBits);
      long next;
      if (table == 0) {
        next = run.extendUnallocated(tableEnd - at) ? tableEnd : at;
      } else {
        Optional<Mapping> packed = run.isEmpty() ? compressed(table, at, end) : Optional.empty();
        if (packed.isPresent()) {
          return packed.get();
        }
        next = extend(run, table, at, tableEnd);
        tables++;
      }
      if (next < tableEnd) {
        break;
      }
      at = next;
    }
    return inTheClear(offset, run.toMapping());
  }

  /// Sectors are encrypted by their number on the guest's disk; compressed clusters are not.
  private Mapping inTheClear(long offset, Mapping run) {
    if (encryption == null || !(run instanceof Mapping.Data data)) {
      return run;
    }
    EncryptedFile clear =
        new EncryptedFile(data.file(), encryption).shifted(offset - data.hostOffset());
    return new Mapping.Data(clear, data.hostOffset(), data.length(), data.inPlace());
  }

  private long entry(long table, long at) throws IOException {
    return l2.word(table, header.l2Entries(), at >>> header.clusterBits() & header.l2Entries() - 1);
  }

  /// Extends the run within one L2 table; the guest offset reached.
  private long extend(MappedRun run, long table, long from, long end) throws IOException {
    long at = from;
    while (at < end) {
      long next = Math.min(end, (at >>> header.clusterBits()) + 1 << header.clusterBits());
      long entry = entry(table, at);
      boolean extended =
          entry == 0
              ? run.extendUnallocated(next - at)
              : entry > 0 && run.extendData(hostOffset(entry, at), next - at);
      if (!extended) {
        return at;
      }
      at = next;
    }
    return at;
  }

  private long hostOffset(long entry, long at) throws IOException {
    if (entry % SECTOR != 0 || entry > HOST_OFFSET_MAX) {
      throw new CorruptImageException(
          "%s: L2 entry for guest offset 0x%x: found 0x%x, expected the offset of a sector"
              .formatted(file().name(), at, entry));
    }
    return entry + (at & header.clusterSize() - 1);
  }

  /// The compressed cluster at `at`, if it is one.
  private Optional<Mapping> compressed(long table, long at, long end) throws IOException {
    long entry = entry(table, at);
    if (entry >= 0) {
      return Optional.empty();
    }
    int lengthShift = Long.SIZE - 1 - header.clusterBits();
    int length = (int) (entry >>> lengthShift) & header.clusterSize() - 1;
    long start = at & -header.clusterSize();
    return Optional.of(
        new Mapping.Compressed(
            start,
            header.clusterSize(),
            Math.min(end, start + header.clusterSize()) - at,
            entry & (1L << lengthShift) - 1,
            length));
  }

  @Override
  public void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    MemorySegment packed = readPacked(run, COMPRESSED_CLUSTER);
    try {
      InflatedUnit.deflate(packed, dst);
    } catch (IOException e) {
      throw badUnit(run, COMPRESSED_CLUSTER, e);
    }
  }

  @Override
  public FormatInfo info() {
    return new FormatInfo(
        Optional.of(header.clusterSize()),
        header.backing(),
        false,
        false,
        header.encrypted(),
        false,
        List.of(),
        Map.of());
  }

  @Override
  public void close() throws IOException {
    if (encryption != null) {
      encryption.close();
    }
    super.close();
  }
}
