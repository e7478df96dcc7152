package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.LaidOutFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// An image that is made as it is read: header, refcount table, refcount blocks, L1 table, those L2
/// tables that map anything, and the clusters with data, each exactly once and in guest order.
///
/// All tables follow from which clusters hold data, so they are made on request. Immutable.
final class LaidOutImage {
  private final Geometry geometry;
  private final DataUnits data;
  private final DataUnits tables;
  private final long virtualSize;
  private final long refcountTable;
  private final long refcountBlocks;
  private final long l1Clusters;
  private final long clusters;

  private LaidOutImage(Geometry geometry, Disk disk, long virtualSize) throws IOException {
    this.geometry = geometry;
    this.virtualSize = virtualSize;
    this.data = DataUnits.of(disk, geometry.clusterSize());
    this.tables = DataUnits.of(disk, 1L << geometry.l2CoverBits());
    this.l1Clusters = geometry.clustersFor(8 * geometry.l1EntriesFor(virtualSize));
    long others = 1 + l1Clusters + tables.count() + data.count();
    long refcounts = Measurement.refcountClusters(geometry, others);
    this.clusters = others + refcounts;
    this.refcountBlocks = Math.ceilDiv(clusters, 1L << geometry.refcountBlockBits());
    this.refcountTable = refcounts - refcountBlocks;
    if (refcountTable << geometry.clusterBits() > Qcow2Layout.REFCOUNT_TABLE_BYTES_MAX) {
      throw new LimitExceededException(
          "the refcount table would be larger than 8 MiB; a larger cluster size is needed");
    }
  }

  static HostFile of(Disk disk, CreateOptions options) throws IOException {
    Qcow2CreateOptions layout = Qcow2CreateOptions.of(options);
    if (layout.encryption().isPresent()) {
      throw new UnsupportedFeatureException(
          "an image that is laid out as it is read is not encrypted");
    }
    if (options.backing().isPresent()
        || layout.dataFile().isPresent()
        || layout.encryption().isPresent()
        || layout.preallocation() != Qcow2CreateOptions.Preallocation.OFF) {
      throw new UnsupportedFeatureException(
          "an image that is laid out as it is read is plain: no backing image, data file, encryption or preallocation");
    }
    Geometry geometry = layout.geometry();
    long size = Math.max(Qcow2Creator.roundedSize(options), (disk.size() + 511) / 512 * 512);
    if (geometry.l1EntriesFor(size) * 8 > Qcow2Layout.L1_BYTES_MAX) {
      throw new LimitExceededException(
          "a disk of %d bytes needs an L1 table of more than 32 MiB with clusters of %d bytes"
              .formatted(size, geometry.clusterSize()));
    }
    LaidOutImage image = new LaidOutImage(geometry, disk, size);
    return image.build(disk, Qcow2Creator.header("qcow2 image", layout, options));
  }

  private HostFile build(Disk disk, MemorySegment header) throws IOException {
    header.set(U64, Qcow2Layout.SIZE, virtualSize);
    header.set(U32, Qcow2Layout.L1_SIZE, (int) geometry.l1EntriesFor(virtualSize));
    header.set(U64, Qcow2Layout.L1_TABLE_OFFSET, l1Clusters == 0 ? 0 : offset(l1Start()));
    header.set(U32, Qcow2Layout.REFCOUNT_TABLE_CLUSTERS, (int) refcountTable);
    LaidOutFile.Builder file = LaidOutFile.of("qcow2 image", disk);
    file.bytes(header.toArray(Qcow2Layout.U8));
    file.generated(offset(refcountTable), words(this::refcountTableWord));
    file.generated(offset(refcountBlocks), this::refcounts);
    file.generated(offset(l1Clusters), words(this::l1Word));
    file.generated(offset(tables.count()), words(this::l2Word));
    data.forEachRun((unit, count, ordinal) -> file.guest(offset(unit), offset(count)));
    return file.build();
  }

  private long offset(long cluster) {
    return Math.multiplyExact(cluster, (long) geometry.clusterSize());
  }

  private long l1Start() {
    return 1 + refcountTable + refcountBlocks;
  }

  private long refcountTableWord(long index) {
    return index < refcountBlocks ? offset(1 + refcountTable + index) : 0;
  }

  private long l1Word(long index) {
    long ordinal = tables.ordinal(index);
    return ordinal < 0 ? 0 : offset(l1Start() + l1Clusters + ordinal) | L2Entry.COPIED;
  }

  private long l2Word(long index) {
    int tableBits = geometry.clusterBits() - 3;
    long table = tables.unit(index >>> tableBits);
    long entry = (index & ((1L << tableBits) - 1)) / geometry.entryWords();
    long ordinal = data.ordinal((table << geometry.l2Bits()) + entry);
    if (ordinal < 0) {
      return 0;
    }
    if (geometry.extendedL2() && (index & 1) != 0) {
      return L2Entry.ALL_ALLOCATED;
    }
    return offset(l1Start() + l1Clusters + tables.count() + ordinal) | L2Entry.COPIED;
  }

  /// One for every cluster of the file, in big-endian counts or, below a byte, from the low bits
  /// up.
  private void refcounts(long offset, MemorySegment dst) {
    int bits = geometry.refcountBits();
    for (long i = 0; i < dst.byteSize(); i++) {
      long at = offset + i;
      int value = 0;
      if (bits >= 8) {
        int width = bits / 8;
        value = at % width == width - 1 && at / width < clusters ? 1 : 0;
      } else {
        int each = 8 / bits;
        for (int j = 0; j < each && at * each + j < clusters; j++) {
          value |= 1 << (j * bits);
        }
      }
      dst.set(Qcow2Layout.U8, i, (byte) value);
    }
  }

  private interface Word {
    long at(long index);
  }

  /// Big-endian words, from any byte on.
  private static LaidOutFile.Generator words(Word word) {
    return (offset, dst) -> {
      long done = 0;
      while (done < dst.byteSize()) {
        long at = offset + done;
        long value = word.at(at / 8);
        if (at % 8 == 0 && dst.byteSize() - done >= 8) {
          dst.set(U64, done, value);
          done += 8;
        } else {
          dst.set(Qcow2Layout.U8, done, (byte) (value >>> (56 - at % 8 * 8)));
          done++;
        }
      }
    };
  }
}
