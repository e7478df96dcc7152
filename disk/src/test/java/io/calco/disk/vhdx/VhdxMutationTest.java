package io.calco.disk.vhdx;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.ImageFormat;
import io.calco.disk.MutationContract;
import io.calco.disk.RecordedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// VHDX images of all kinds, one with a log to replay, damaged.
class VhdxMutationTest extends MutationContract {
  private static final int SIZE = 3 << 20;
  private static final int MIB = 1 << 20;

  @Override
  protected ImageFormat format() {
    return new VhdxFormat();
  }

  @Override
  protected int count() {
    return 600;
  }

  @Override
  protected List<byte[]> images() throws IOException {
    BackingReference parent =
        new BackingReference(
            "parent.vhdx",
            Optional.of("vhdx"),
            Optional.of("{00112233-4455-6677-8899-aabbccddeeff}"));
    List<byte[]> images = new ArrayList<>();
    images.add(image(Map.of("block_size", "1M"), Optional.empty(), true));
    images.add(image(Map.of("block_size", "1M"), Optional.empty(), false));
    images.add(image(Map.of("subformat", "fixed", "block_size", "1M"), Optional.empty(), true));
    images.add(image(Map.of("block_size", "1M"), Optional.of(parent), true));
    images.add(image(Map.of("block_size", "1M"), Optional.of(parent), false));
    return images;
  }

  private static byte[] image(
      Map<String, String> options, Optional<BackingReference> parent, boolean closed)
      throws IOException {
    RecordedFile file = new RecordedFile(new byte[0]);
    VhdxFormat format = new VhdxFormat();
    format.create(file, new CreateOptions(SIZE, parent, options), Companions.none());
    byte[] open;
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()))) {
      disk.writeBytes(10_000, new byte[] {1, 2, 3});
      disk.writeBytes(2_600 << 10, new byte[] {4, 5, 6});
      disk.sync();
      open = file.toBytes();
    }
    return closed ? file.toBytes() : open;
  }

  /// Most damage breaks a checksum and is found at once; half of the images have theirs mended.
  @Override
  protected byte[] finish(byte[] image, Random random) {
    return random.nextBoolean() ? image : withRightChecksums(image);
  }

  private static byte[] withRightChecksums(byte[] image) {
    MemorySegment all = MemorySegment.ofArray(image);
    if (image.length >= 2 * MIB) {
      for (long at : VhdxLayout.HEADERS) {
        seal(all.asSlice(at, 4096), 4);
      }
      for (long at : VhdxLayout.REGION_TABLES) {
        seal(all.asSlice(at, VhdxLayout.REGION_TABLE_BYTES), 4);
      }
      for (long at = MIB; at < 2 * MIB; at += 4096) {
        long length = Integer.toUnsignedLong(all.get(VhdxLayout.U32, at + Log.LENGTH));
        if (all.get(VhdxLayout.U32, at) == Log.ENTRY_MARK
            && length <= 2 * MIB - at
            && length > 64) {
          seal(all.asSlice(at, length), Log.CHECKSUM);
        }
      }
    }
    return image;
  }

  private static void seal(MemorySegment bytes, long field) {
    bytes.set(VhdxLayout.U32, field, VhdxLayout.checksum(bytes, field));
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {VhdxLayout.HEADERS[0], 80},
        new long[] {VhdxLayout.HEADERS[1], 80},
        new long[] {VhdxLayout.REGION_TABLES[0], 80},
        new long[] {VhdxLayout.REGION_TABLES[1], 80},
        new long[] {MIB, 256},
        new long[] {2 * MIB, 300},
        new long[] {2 * MIB + (64 << 10), 300},
        new long[] {3 * MIB, 40},
        new long[] {3 * MIB + 8 * 4096, 8});
  }
}
