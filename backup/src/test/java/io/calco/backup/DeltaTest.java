package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CopyOptions;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Restores by differences, of which the target is the seed.
class DeltaTest {
  private static final int SIZE = 24 << 20;
  private static final int CHUNK = 512 << 10;

  @TempDir private Path directory;

  /// Counts what is read of it and what is written to it.
  private static final class Counting extends MemoryDriver {
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong written = new AtomicLong();

    Counting(byte[] content) {
      super(content);
    }

    @Override
    public void read(long offset, MemorySegment dst) {
      read.addAndGet(dst.byteSize());
      super.read(offset, dst);
    }

    @Override
    public void write(long offset, MemorySegment src) {
      written.addAndGet(src.byteSize());
      super.write(offset, src);
    }
  }

  /// Noise with holes and zeroes within chunks, a table with one partition on it.
  private byte[] source(Path image) throws IOException {
    Random random = new Random(9);
    byte[] content = new byte[SIZE];
    random.nextBytes(content);
    Arrays.fill(content, 5 << 20, 7 << 20, (byte) 0);
    Arrays.fill(content, (9 << 20) + 8192, (9 << 20) + 40_960, (byte) 0);
    content[510] = 0;
    Files.write(image, content);
    MadeDisks.gpt(image, List.of(new MadeDisks.Part(1, 4096, 32_768)));
    return Files.readAllBytes(image);
  }

  @Test
  void whatIsThereIsReadOnceAndTheRestWritten() throws IOException {
    Path image = directory.resolve("image");
    byte[] content = source(image);
    byte[] there = content.clone();
    there[(11 << 20) + 7] ^= 1; // in a partition
    there[(20 << 20) + 7] ^= 1; // behind it
    Arrays.fill(there, 6 << 20, (6 << 20) + 4096, (byte) 1); // where zeroes belong
    Arrays.fill(there, (9 << 20) + 8192, (9 << 20) + 12_288, (byte) 1); // within a chunk
    Counting target = new Counting(there);
    HeldRuns held = new HeldRuns();
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint point = repository.backUp(image, Coverage.EVERY_SECTOR);
      Disk disk = Disk.owning(target);
      try (Disk seeded = repository.points.open(point, disk, held)) {
        CopyOptions copy = new CopyOptions(2, false, 4096, 1, 1 << 20, "restoring");
        Restore.Options options =
            new Restore.Options(Restore.Target.COMPARED, Restore.Proof.NONE, copy);
        assertThat(
                Restore.disks(
                    seeded,
                    List.of(new Restore.Destination(disk, options, held)),
                    point.id(),
                    JobContext.SILENT))
            .hasOnlyElementsOfType(Restore.Result.Done.class);
      }
      long read = target.read.get();
      long written = target.written.get();
      assertThat(Arrays.equals(disk.readBytes(0, SIZE), content)).isTrue();
      // The chunks that differ are read twice, as are the head's, and where zeroes belong.
      assertThat(read).isLessThan(SIZE + 8 * CHUNK);
      // 64 KiB each of three, the head, and the mark of a restore under way.
      assertThat(written).isLessThan((3 * 64 << 10) + (1 << 20) + (64 << 10));
    }
  }
}
