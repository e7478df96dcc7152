package io.calco.disk.vmdk;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.MemoryDriver;
import io.calco.disk.MemoryFile;
import io.calco.disk.MutationContract;
import io.calco.disk.OpenedFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// VMDKs of every kind, damaged.
class VmdkMutationTest extends MutationContract {
  private static final String DESCRIPTOR =
      """
      # Disk DescriptorFile
      version=1
      CID=12345678
      parentCID=ffffffff
      createType="custom"
      RW 300 SPARSE "a.vmdk"
      RW 129 SPARSE "b.vmdk"
      RW 100 ZERO
      RDONLY 700 FLAT "c.vmdk" 7
      RW 8192 SESPARSE "se.vmdk"
      RW 1000 VMFSSPARSE "cowd.vmdk"
      """;

  @Override
  protected ImageFormat format() {
    return new VmdkFormat();
  }

  @Override
  protected List<byte[]> images() throws IOException {
    List<byte[]> images = new ArrayList<>();
    Random random = new Random(1);
    byte[] content = Images.content(random, 1 << 20);
    for (String layout : List.of("compat6=on", "zeroed_grain=on")) {
      MemoryFile file = new MemoryFile();
      CreateOptions options =
          new CreateOptions(content.length, Optional.empty(), Images.options(layout));
      format().create(file, options, Companions.none());
      OpenedFormat open = format().openOwning(file, Images.writing(Companions.none()));
      try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
        disk.writeBytes(0, content);
      }
      images.add(file.toBytes());
    }
    CreateOptions stream =
        new CreateOptions(
            content.length, Optional.empty(), Images.options("subformat=streamOptimized"));
    try (Disk disk = Disk.owning(new MemoryDriver(content));
        HostFile file = format().layOut(disk, stream)) {
      byte[] bytes = new byte[Math.toIntExact(file.size())];
      file.read(0, MemorySegment.ofArray(bytes));
      images.add(bytes);
    }
    images.add(EsxImages.cowd(1000, new Random(2)));
    images.add(DESCRIPTOR.getBytes(StandardCharsets.UTF_8));
    return images;
  }

  @Override
  protected List<long[]> metadata(byte[] image) {
    return List.of(
        new long[] {0, Math.min(image.length, 90)},
        new long[] {0, Math.min(image.length, 1200)},
        new long[] {0, Math.min(image.length, 16 << 10)},
        new long[] {Math.max(0, image.length - 4096), Math.min(image.length, 4096)});
  }

  @Override
  protected Companions companions() {
    MemoryCompanions files = new MemoryCompanions();
    try {
      VmdkCreator.writeSparse(files.put("a.vmdk", new byte[0]), SparsePlan.of(300, 0, false));
      VmdkCreator.writeSparse(files.put("b.vmdk", new byte[0]), SparsePlan.of(129, 0, true));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    files.put("c.vmdk", new byte[1 << 19]);
    files.put("se.vmdk", EsxImages.seSparse(8192, new Random(3)));
    files.put("cowd.vmdk", EsxImages.cowd(1000, new Random(2)));
    return files;
  }
}
