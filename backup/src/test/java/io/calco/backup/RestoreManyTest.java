package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CopyOptions;
import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.disk.ReadOnlyDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Several targets at once: the source is read once for all, and once more to prove them.
class RestoreManyTest {
  private static final int SIZE = 6 << 20;
  private static final UUID POINT = UUID.fromString("40c09441-2122-4104-a84f-33627757c96f");
  private static final CopyOptions COPY =
      new CopyOptions(2, false, 4096, 4096, 1 << 20, "restoring");
  private static final Restore.Options PROVEN =
      new Restore.Options(Restore.Target.OVERWRITTEN, Restore.Proof.READ_AGAIN, COPY);

  private final byte[] content = content();

  private static byte[] content() {
    byte[] bytes = new byte[SIZE];
    new Random(3).nextBytes(bytes);
    Arrays.fill(bytes, 2 << 20, 3 << 20, (byte) 0);
    return bytes;
  }

  private static byte[] garbage(long seed) {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// A disk that counts what is read of it.
  private static final class Counting extends ReadOnlyDriver {
    private final Disk disk;
    private final AtomicLong read = new AtomicLong();

    Counting(byte[] content) {
      this.disk = Disk.owning(new MemoryDriver(content));
    }

    @Override
    public long size() {
      return disk.size();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      read.addAndGet(dst.byteSize());
      disk.read(offset, dst);
    }

    @Override
    public Extent extentAt(long offset, long maxLength) {
      return new Extent(offset, maxLength, true, false);
    }
  }

  private static Restore.Destination destination(Disk disk) {
    return new Restore.Destination(disk, PROVEN);
  }

  @Test
  void theSourceIsReadTwice() throws IOException {
    Counting source = new Counting(content);
    List<Disk> targets =
        List.of(
            Disk.owning(new MemoryDriver(garbage(1))),
            Disk.owning(new MemoryDriver(garbage(2))),
            Disk.owning(new MemoryDriver(garbage(3))));
    List<Restore.Result> results =
        Restore.partitions(
            Disk.owning(source),
            targets.stream().map(RestoreManyTest::destination).toList(),
            POINT,
            JobContext.SILENT);
    assertThat(results).hasSize(3).allMatch(result -> result instanceof Restore.Result.Done);
    for (Disk target : targets) {
      assertThat(Arrays.equals(target.readBytes(0, SIZE), content)).isTrue();
    }
    assertThat(source.read.get()).isEqualTo(2L * SIZE);
  }

  @Test
  void oneThatForgetsIsNamedAndTheOthersAreProven() throws IOException {
    byte[] wrong = garbage(1);
    Disk forgetful = Disk.owning(new Forgetful(wrong, (4 << 20) + 77));
    Disk sound = Disk.owning(new MemoryDriver(garbage(2)));
    Counting source = new Counting(content);
    List<Restore.Result> results =
        Restore.partitions(
            Disk.owning(source),
            List.of(destination(forgetful), destination(sound)),
            POINT,
            JobContext.SILENT);
    assertThat(results.get(0))
        .isInstanceOfSatisfying(
            Restore.Result.Failed.class,
            failed ->
                assertThat(failed.failure())
                    .hasMessageStartingWith(
                        "the target does not hold what was written: it differs at byte 0x40004d"));
    assertThat(results.get(1)).isInstanceOf(Restore.Result.Done.class);
    assertThat(Arrays.equals(sound.readBytes(0, SIZE), content)).isTrue();
  }

  /// A medium one byte of which is always the other way round.
  private static final class Forgetful extends MemoryDriver {
    private final long place;

    Forgetful(byte[] content, long place) {
      super(content);
      this.place = place;
    }

    @Override
    public void read(long offset, MemorySegment dst) {
      super.read(offset, dst);
      if (place >= offset && place < offset + dst.byteSize()) {
        byte there = dst.get(ValueLayout.JAVA_BYTE, place - offset);
        dst.set(ValueLayout.JAVA_BYTE, place - offset, (byte) ~there);
      }
    }
  }
}
