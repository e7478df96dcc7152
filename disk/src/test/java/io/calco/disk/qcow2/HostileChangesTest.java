package io.calco.disk.qcow2;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatInfo;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.InternalSnapshots;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.testkit.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Changes of snapshots, bitmaps and options of damaged images lead to exceptions of ours at most.
class HostileChangesTest {
  private static final int SIZE = 256 << 10;
  private static final long[] NUMBERS = {
    0, 1, 2, 511, 512, 4096, 8192, 65536, 1 << 20, 1L << 40, 1L << 55, 1L << 62, -1, Long.MIN_VALUE
  };

  private final Qcow2Format format = new Qcow2Format();

  @ParameterizedTest
  @ValueSource(
      strings = {"cluster_size=4096", "cluster_size=512", "cluster_size=16384,extended_l2=on"})
  void areRefused(String layout) {
    Seeds.run(
        40,
        random -> {
          byte[] image = image(layout, random);
          for (int trial = 0; trial < 10; trial++) {
            byte[] damaged = image.clone();
            for (int i = 0; i <= random.nextInt(4); i++) {
              damage(damaged, random);
            }
            change(damaged, random);
          }
        });
  }

  private byte[] image(String layout, Random random) throws IOException {
    MemoryFile file = new MemoryFile();
    format.create(
        file, new CreateOptions(SIZE, Optional.empty(), Images.options(layout)), Companions.none());
    OpenedFormat open = format.openOwning(file, FormatOpenOptions.readWrite());
    try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
      for (int i = 0; i < 3; i++) {
        disk.writeBytes(random.nextInt(SIZE - 9000), new byte[9000]);
        open.snapshots().orElseThrow().create("s" + i);
      }
      DirtyBitmaps bitmaps = open.bitmaps().orElseThrow();
      bitmaps.add("a", 512, DirtyBitmaps.Recording.ENABLED);
      bitmaps.add("b", 4096, DirtyBitmaps.Recording.DISABLED);
      bitmaps.mark("b", List.of(new DirtyBitmaps.Run(0, 100_000)));
    }
    return file.toBytes();
  }

  /// Numbers where the tables are, or anywhere.
  private static void damage(byte[] image, Random random) {
    int at = random.nextInt(random.nextBoolean() ? 160 : image.length - 8);
    if (random.nextInt(3) == 0) {
      image[at] = (byte) random.nextInt();
      return;
    }
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    int width = 4 << random.nextInt(2);
    int start = at / width * width;
    for (int i = 0; i < width; i++) {
      image[start + i] = (byte) (number >>> (8 * (width - 1 - i)));
    }
  }

  private void change(byte[] image, Random random) throws IOException {
    try (OpenedFormat open =
        format.openOwning(new MemoryFile(image), FormatOpenOptions.readWrite())) {
      if (random.nextInt(4) == 0) {
        open.amend(Map.of("refcount_bits", "64", "lazy_refcounts", "on"), JobContext.SILENT);
        return;
      }
      open.beginWrites();
      if (random.nextBoolean()) {
        InternalSnapshots snapshots = open.snapshots().orElseThrow();
        List<FormatInfo.Snapshot> all = snapshots.list();
        snapshots.create("new");
        if (!all.isEmpty()) {
          snapshots.delete(all.getFirst().id());
          snapshots.apply(all.getLast().id());
        }
      } else {
        DirtyBitmaps bitmaps = open.bitmaps().orElseThrow();
        bitmaps.add("c", 65536, DirtyBitmaps.Recording.ENABLED);
        open.resize(SIZE + random.nextInt(SIZE) / 512 * 512);
        bitmaps.forEachDirty("b", run -> {});
        bitmaps.merge("a", bitmaps, "b");
        bitmaps.clear("b");
        bitmaps.remove("a");
      }
    } catch (DiskException | EOFException expected) {
      // what it must be
    } catch (IllegalStateException e) {
      // a MemoryFile's own limit
      if (!String.valueOf(e.getMessage()).contains("a file of")) {
        throw e;
      }
    }
  }
}
