package io.calco.disk.dmg;

import io.calco.disk.ImageFormat;
import io.calco.disk.Imports;
import io.calco.disk.MutationContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// Apple disk images, damaged.
class DmgMutationTest extends MutationContract {
  @TempDir Path dir;

  @Override
  protected ImageFormat format() {
    return new DmgFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    byte[] content = Imports.content(100_000 / 512 * 512, new Random(1));
    List<byte[]> images = new ArrayList<>();
    for (ChunkType type :
        List.of(ChunkType.RAW, ChunkType.ADC, ChunkType.ZLIB, ChunkType.BZIP2, ChunkType.LZMA)) {
      images.add(Dmgs.pack(content, type, Dmgs.Tables.XML, dir));
    }
    images.add(Dmgs.pack(content, ChunkType.ZLIB, Dmgs.Tables.RESOURCE_FORK, dir));
    return images;
  }

  /// The koly block, the tables before it, some chunks.
  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {image.length - 512, 512},
        new long[] {image.length - 2600, 2100},
        new long[] {0, 4096});
  }
}
