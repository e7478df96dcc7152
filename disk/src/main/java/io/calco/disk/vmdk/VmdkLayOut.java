package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.LaidOutFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.zip.CRC32;

/// Images that are made as they are read. Their content id is made from what they hold, so that
/// every reading is the same.
final class VmdkLayOut {
  private static final int GRAIN = SparseLayout.USUAL_GRAIN * SECTOR;

  private VmdkLayOut() {}

  /// The options of an image that is laid out.
  static VmdkCreateOptions layout(CreateOptions options) throws IOException {
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException("an overlay cannot be laid out as it is read");
    }
    return VmdkCreateOptions.of(options, Optional.empty());
  }

  static HostFile of(Disk disk, CreateOptions options) throws IOException {
    VmdkCreateOptions layout = layout(options);
    return switch (layout.subformat()) {
      case MONOLITHIC_SPARSE -> sparse(disk, layout);
      case STREAM_OPTIMIZED -> StreamLayOut.of(disk, layout);
      case MONOLITHIC_FLAT, TWO_GB_MAX_EXTENT_FLAT, TWO_GB_MAX_EXTENT_SPARSE ->
          throw new UnsupportedFeatureException(
              "subformat=%s is several files, which cannot be laid out as one"
                  .formatted(layout.subformat().spelled()));
    };
  }

  private static HostFile sparse(Disk disk, VmdkCreateOptions layout) throws IOException {
    SparsePlan plan =
        SparsePlan.of(layout.sectors(), SparsePlan.DESCRIPTOR_SECTORS, layout.zeroGrains());
    SparseHeader header = plan.header();
    DataUnits grains = DataUnits.of(disk, GRAIN);
    long endSector = header.overhead() + grains.count() * header.grainSectors();
    if (endSector > 1L << 32) {
      throw new LimitExceededException("a sparse extent's file has at most 2^32 sectors");
    }
    CRC32 seed = new CRC32();
    grains.forEachRun((unit, count, ordinal) ->
        seed.update(
            "%d+%d,".formatted(unit, count).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    LaidOutFile.Builder file =
        LaidOutFile.of("vmdk", disk)
            .bytes(header.encode().toArray(SparseLayout.U8))
            .bytes(descriptor(layout, seed.getValue()));
    Words tables =
        index -> {
          long ordinal = grains.ordinal(index);
          return ordinal < 0 ? 0 : (int) (header.overhead() + ordinal * header.grainSectors());
        };
    for (long place : new long[] {header.redundantDirectory(), header.directory()}) {
      file.zeroesTo(place * SECTOR);
      addWords(file, plan.tables(), directory(plan, place));
      file.zeroesTo((place + GrainCodec.sectors(4L * plan.tables())) * SECTOR);
      addWords(file, (long) plan.tables() * header.entriesPerTable(), tables);
    }
    file.zeroesTo(header.overhead() * SECTOR);
    grains.forEachRun((unit, count, ordinal) -> file.guest(unit * GRAIN, count * GRAIN));
    return file.build();
  }

  /// The descriptor in its room.
  static byte[] descriptor(VmdkCreateOptions layout, long seed) throws LimitExceededException {
    long cid = seed % (Descriptor.NO_PARENT - 2) + 1;
    return VmdkCreator.embedded("vmdk", describe(layout, cid)).toArray(SparseLayout.U8);
  }

  /// The descriptor of an image in one file that has no name yet.
  static Descriptor describe(VmdkCreateOptions layout, long cid) throws LimitExceededException {
    return layout.descriptor(
        cid, VmdkCreator.extents(layout, Companions.none().imageName() + ".vmdk"));
  }

  private static Words directory(SparsePlan plan, long place) {
    long first = place + GrainCodec.sectors(4L * plan.tables());
    return index -> (int) (first + index * plan.tableSectors());
  }

  /// Little-endian words that are made when they are read.
  interface Words {
    int at(long index);
  }

  /// Adds words as a part of a file.
  static void addWords(LaidOutFile.Builder file, long count, Words words) {
    file.generated(4 * count, (offset, dst) -> readWords(words, offset, dst));
  }

  private static void readWords(Words words, long offset, MemorySegment dst) {
    MemorySegment word = MemorySegment.ofArray(new byte[4]);
    long done = 0;
    while (done < dst.byteSize()) {
      int within = (int) ((offset + done) % 4);
      long part = Math.min(4L - within, dst.byteSize() - done);
      word.set(U32, 0, words.at((offset + done) / 4));
      MemorySegment.copy(word, within, dst, done, part);
      done += part;
    }
  }
}
