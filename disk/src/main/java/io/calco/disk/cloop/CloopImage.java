package io.calco.disk.cloop;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatInfo;
import io.calco.disk.HostFile;
import io.calco.disk.InflatedUnit;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Mapping;
import io.calco.disk.ReadOnlyImage;
import io.calco.disk.TableSlices;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open cloop image.
final class CloopImage extends ReadOnlyImage {
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final String BLOCK = "cloop block";
  private static final int SECTOR = 512;
  private static final long BLOCK_SIZE = 128;
  private static final long BLOCK_COUNT = 132;
  private static final long OFFSETS = 136;

  /// Ours: bytes in a block. QEMU: 64 MiB.
  private static final int BLOCK_SIZE_MAX = 16 << 20;

  /// Ours: no file is longer.
  private static final long HOST_OFFSET_MAX = 1L << 56;

  private final int blockSize;
  private final long blocks;
  private final TableSlices offsets;

  CloopImage(HostFile file) throws IOException {
    super(file);
    if (file.size() < OFFSETS) {
      throw CorruptImageException.at(
          file.name(), "cloop header", 0, file.size() + " bytes", "at least " + OFFSETS);
    }
    MemorySegment numbers = MemorySegment.ofArray(new byte[(int) (OFFSETS - BLOCK_SIZE)]);
    file.read(BLOCK_SIZE, numbers);
    long size = Integer.toUnsignedLong(numbers.get(U32, 0));
    if (size == 0 || size % SECTOR != 0) {
      throw CorruptImageException.at(
          file.name(), "cloop block_size", BLOCK_SIZE, size, "a multiple of 512");
    }
    if (size > BLOCK_SIZE_MAX) {
      throw new LimitExceededException(
          "%s: cloop blocks of %d bytes; at most %d are read (our limit)"
              .formatted(file.name(), size, BLOCK_SIZE_MAX));
    }
    this.blockSize = (int) size;
    this.blocks = Integer.toUnsignedLong(numbers.get(U32, BLOCK_COUNT - BLOCK_SIZE));
    if (blocks > 0 && (blocks + 1) * Long.BYTES > file.size() - OFFSETS) {
      throw CorruptImageException.at(
          file.name(), "cloop n_blocks", BLOCK_COUNT, blocks, "offsets within the file");
    }
    this.offsets = TableSlices.of(file, "cloop offsets", U64);
  }

  @Override
  public long size() {
    return blocks * blockSize;
  }

  @Override
  public int unitLength() {
    return blockSize;
  }

  @Override
  public Mapping map(long offset, long maxLength) throws IOException {
    long block = offset / blockSize;
    long start = offsets.word(OFFSETS, blocks + 1, block);
    long end = offsets.word(OFFSETS, blocks + 1, block + 1);
    // QEMU: packed bytes may be more than the block's own, up to twice as many.
    if (start < OFFSETS
        || start > HOST_OFFSET_MAX
        || end <= start
        || end - start > 2L * blockSize) {
      throw new CorruptImageException(
          "%s: cloop block %d: found bytes from 0x%x to 0x%x, expected 1 to %d bytes"
              .formatted(file().name(), block, start, end, 2L * blockSize));
    }
    long length = Math.min(maxLength, blockSize - offset % blockSize);
    return new Mapping.Compressed(block * blockSize, blockSize, length, start, (int) (end - start));
  }

  @Override
  public void decompress(Mapping.Compressed run, MemorySegment dst) throws IOException {
    MemorySegment packed = readPacked(run, BLOCK);
    try {
      InflatedUnit.zlib(packed, dst);
    } catch (IOException e) {
      throw badUnit(run, BLOCK, e);
    }
  }

  @Override
  public FormatInfo info() {
    return new FormatInfo(
        Optional.of(blockSize), Optional.empty(), false, false, false, true, List.of(), Map.of());
  }
}
