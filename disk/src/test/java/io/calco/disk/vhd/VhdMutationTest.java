package io.calco.disk.vhd;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.ImageFormat;
import io.calco.disk.MemoryFile;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// VHD images of all kinds, damaged.
class VhdMutationTest extends MutationContract {
  private static final int SIZE = 700 << 10;

  @Override
  protected ImageFormat format() {
    return new VhdFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    BackingReference parent =
        new BackingReference(
            "parent.vhd", Optional.of("vpc"), Optional.of("00112233-4455-6677-8899-aabbccddeeff"));
    List<byte[]> images = new ArrayList<>();
    images.add(image(Map.of("block_size", "512k"), Optional.empty()));
    images.add(image(Map.of("subformat", "fixed"), Optional.empty()));
    images.add(image(Map.of("block_size", "512k"), Optional.of(parent)));
    return images;
  }

  private static byte[] image(Map<String, String> options, Optional<BackingReference> parent)
      throws IOException {
    MemoryFile file = new MemoryFile();
    VhdFormat format = new VhdFormat();
    format.create(file, new CreateOptions(SIZE, parent, options), Companions.none());
    try (Disk disk =
        Disk.owning(
            new FormatDisk(
                format.openOwning(file, FormatOpenOptions.readWrite()), Optional.empty()))) {
      disk.writeBytes(10_000, new byte[] {1, 2, 3});
      disk.writeBytes(600 << 10, new byte[] {4, 5, 6});
    }
    return file.toBytes();
  }

  /// Most damage breaks a checksum and is found at once; half of the images have theirs mended.
  @Override
  protected byte[] finish(byte[] image, Random random) {
    return random.nextBoolean() ? image : withRightChecksums(image);
  }

  private static byte[] withRightChecksums(byte[] image) {
    MemorySegment all = MemorySegment.ofArray(image);
    if (image.length >= 2048) {
      seal(all.asSlice(0, 512), VhdLayout.CHECKSUM);
      seal(all.asSlice(512, 1024), VhdLayout.HEADER_CHECKSUM);
      seal(all.asSlice(image.length - 512L, 512), VhdLayout.CHECKSUM);
    }
    return image;
  }

  private static void seal(MemorySegment bytes, long field) {
    long cookie = bytes.get(VhdLayout.U64, 0);
    if (cookie == VhdLayout.FOOTER_COOKIE_VALUE || cookie == VhdLayout.HEADER_COOKIE_VALUE) {
      bytes.set(VhdLayout.U32, field, VhdFooter.checksum(bytes, field));
    }
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {0, 100},
        new long[] {512, 70},
        new long[] {512 + 576, 48},
        new long[] {1536, 1024},
        new long[] {Math.max(0, image.length - 512), 100});
  }
}
