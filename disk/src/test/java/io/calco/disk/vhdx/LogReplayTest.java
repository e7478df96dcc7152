package io.calco.disk.vhdx;

import static io.calco.disk.vhdx.Images.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Logs made here, replayed by us and by QEMU.
class LogReplayTest {
  private static final int MIB = 1 << 20;
  private static final int PAGE = 4096;
  private static final int SIZE = 2 * MIB;
  private static final UUID LOG = new UUID(5, 6);

  @TempDir Path dir;

  /// An image of two blocks whose log can be written to.
  private final class Dirty {
    final Path path;
    final byte[] bytes;
    final MemorySegment all;
    final VhdxHeader header;

    /// Where the first block lies.
    final int payload;

    Dirty(Random random) throws IOException {
      path = dir.resolve("dirty.vhdx");
      Images.create(path, SIZE, "block_size=1M");
      byte[] content = new byte[SIZE];
      random.nextBytes(content);
      try (Image image = Images.open(path, ImageOptions.Access.WRITE)) {
        image.disk().writeBytes(0, content);
      }
      bytes = Files.readAllBytes(path);
      all = MemorySegment.ofArray(bytes);
      payload = bytes.length - SIZE;
      VhdxHeader first = VhdxHeader.read(new MemoryFile(bytes));
      header = first.next(first.fileWrite(), first.dataWrite(), LOG);
      header.write((offset, from) -> all.asSlice(offset, from.byteSize()).copyFrom(from));
    }

    /// Puts an entry into the log, around its end if need be; the next place.
    int put(int at, byte[] entry) {
      for (int i = 0; i < entry.length; i++) {
        bytes[(int) header.logOffset() + (at + i) % MIB] = entry[i];
      }
      return (at + entry.length) % MIB;
    }

    void write() throws IOException {
      Files.write(path, bytes);
    }

    /// Patches somewhere in the blocks.
    byte[] entry(long sequence, int tail, UUID log, Random random) {
      int count = random.nextInt(46);
      int zeroes = random.nextInt(count + 1);
      int head = (Log.HEADER_BYTES + count * Log.DESCRIPTOR_BYTES + PAGE - 1) / PAGE * PAGE;
      byte[] entry = new byte[head + (count - zeroes) * PAGE];
      MemorySegment to = MemorySegment.ofArray(entry);
      to.set(VhdxLayout.U32, 0, Log.ENTRY_MARK);
      to.set(VhdxLayout.U32, Log.LENGTH, entry.length);
      to.set(VhdxLayout.U32, Log.TAIL, tail);
      to.set(VhdxLayout.U64, Log.SEQUENCE, sequence);
      to.set(VhdxLayout.U32, Log.COUNT, count);
      Guids.put(to, Log.GUID, log);
      to.set(VhdxLayout.U64, Log.FLUSHED_SIZE, bytes.length);
      to.set(VhdxLayout.U64, Log.LAST_SIZE, bytes.length);
      int data = head;
      for (int i = 0; i < count; i++) {
        long at = Log.HEADER_BYTES + (long) i * Log.DESCRIPTOR_BYTES;
        to.set(VhdxLayout.U64, at + 16, payload + random.nextInt(SIZE / PAGE - 3) * (long) PAGE);
        to.set(VhdxLayout.U64, at + 24, sequence);
        if (i < zeroes) {
          to.set(VhdxLayout.U32, at, Log.ZERO_DESCRIPTOR);
          to.set(VhdxLayout.U64, at + 8, (1 + random.nextInt(3)) * (long) PAGE);
        } else {
          to.set(VhdxLayout.U32, at, Log.DATA_DESCRIPTOR);
          to.set(VhdxLayout.U32, at + 4, random.nextInt());
          to.set(VhdxLayout.U64, at + 8, random.nextLong());
          byte[] sector = new byte[PAGE];
          random.nextBytes(sector);
          System.arraycopy(sector, 0, entry, data, PAGE);
          to.set(VhdxLayout.U32, data, Log.DATA_MARK);
          to.set(VhdxLayout.U32, data + 4L, (int) (sequence >>> 32));
          to.set(VhdxLayout.U32, data + PAGE - 4L, (int) sequence);
          data += PAGE;
        }
      }
      to.set(VhdxLayout.U32, Log.CHECKSUM, VhdxLayout.checksum(to, Log.CHECKSUM));
      return entry;
    }
  }

  /// An entry of another log, an older one of this, a sequence that may reach around the log's end,
  /// and sometimes an entry that only begins. QEMU overlooks a sequence right after an older one,
  /// and takes the entries from the log's start on for a sequence of their own, whatever they name
  /// as tail.
  @Test
  void anySequenceIsReplayedAsQemuReplaysIt() {
    Seeds.run(
        12,
        random -> {
          Dirty image = new Dirty(random);
          long sequence = 1 + random.nextLong(1L << random.nextInt(1, 60));
          int count = 1 + random.nextInt(2);
          int at = random.nextInt(count == 1 ? 256 : 64) * PAGE;
          at = image.put(at, image.entry(sequence, at, new UUID(7, 8), random));
          at = image.put(at, image.entry(sequence, at, LOG, random));
          at = (at + PAGE) % MIB;
          sequence += 2;
          int tail = at;
          for (int i = 0; i < count; i++) {
            at = image.put(at, image.entry(sequence++, tail, LOG, random));
          }
          if (random.nextBoolean()) {
            byte[] torn = image.entry(sequence, tail, LOG, random);
            if (torn.length > PAGE) {
              image.put(at, Arrays.copyOf(torn, PAGE));
            }
          }
          image.write();
          byte[] read = Images.read(image.path);
          Path ours = Files.copy(image.path, dir.resolve("ours.vhdx"));
          Oracle.named("qemu-img").run("check", "-r", "all", image.path).succeeds();
          assertSame(read, Images.qemuReads(image.path));
          Images.open(ours, ImageOptions.Access.WRITE).close();
          assertSame(Images.qemuReads(ours), read);
          Files.delete(ours);
        });
  }

  /// Long after the log was full for the first time.
  @Test
  void ourLogIsReplayedByQemu() {
    Seeds.run(
        3,
        random -> {
          MemoryFile file = new MemoryFile();
          VhdxFormat format = new VhdxFormat();
          CreateOptions options =
              new CreateOptions(64L * MIB, Optional.empty(), Map.of("block_size", "1M"));
          format.create(file, options, Companions.none());
          byte[] model = new byte[64 * MIB];
          Path path = dir.resolve("ours.vhdx");
          OpenedFormat open = format.openOwning(file, FormatOpenOptions.readWrite());
          try (Disk disk = Disk.owning(new FormatDisk(open, Optional.empty()))) {
            int syncs = 100 + random.nextInt(300);
            for (int i = 0; i < syncs; i++) {
              int block = random.nextInt(64);
              if (random.nextBoolean()) {
                disk.writeZeroes((long) block * MIB, MIB, ZeroMode.MAY_UNMAP);
                Arrays.fill(model, block * MIB, (block + 1) * MIB, (byte) 0);
              } else {
                byte[] bytes = new byte[5000];
                random.nextBytes(bytes);
                disk.writeBytes((long) block * MIB, bytes);
                System.arraycopy(bytes, 0, model, block * MIB, bytes.length);
              }
              disk.flush();
            }
            Files.write(path, file.toBytes());
          }
          assertSame(Images.read(path), model);
          Oracle.named("qemu-img").run("check", "-r", "all", path).succeeds();
          assertSame(Images.qemuReads(path), model);
        });
  }

  @Test
  void aLogWithoutAWholeSequenceChangesNothing() throws IOException {
    Dirty image = new Dirty(new Random(3));
    byte[] entry = image.entry(9, 4096, LOG, new Random(4));
    image.put(0, entry);
    image.write();
    Path clean = dir.resolve("clean.vhdx");
    VhdxHeader none = image.header.next(LOG, LOG, Guids.NONE);
    none.write((offset, from) -> image.all.asSlice(offset, from.byteSize()).copyFrom(from));
    Files.write(clean, image.bytes);
    assertSame(Images.read(image.path), Images.read(clean));
  }

  @Test
  void aFileThatLostItsEndIsRefused() throws IOException {
    Dirty image = new Dirty(new Random(3));
    image.put(0, image.entry(9, 0, LOG, new Random(4)));
    Files.write(image.path, Arrays.copyOf(image.bytes, image.bytes.length - MIB));
    assertThatThrownBy(() -> Images.read(image.path))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("its log was written when it had");
  }

  @Test
  void descriptorsThatDoNotFitAreRefused() throws IOException {
    for (long[] damage : new long[][] {{0, 7}, {16, 5}, {16, -4096}, {24, 8}, {16, 1L << 62}}) {
      Dirty image = new Dirty(new Random(3));
      byte[] entry = image.entry(9, 0, LOG, new Random(4));
      MemorySegment bytes = MemorySegment.ofArray(entry);
      bytes.set(VhdxLayout.U64, Log.HEADER_BYTES + damage[0], damage[1]);
      bytes.set(VhdxLayout.U32, Log.CHECKSUM, VhdxLayout.checksum(bytes, Log.CHECKSUM));
      image.put(0, entry);
      image.write();
      assertThatThrownBy(() -> Images.read(image.path))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("log entry, descriptor 0");
    }
  }

  @Test
  void aLogFullOfLongEntriesIsRefusedInTime() throws IOException {
    Dirty image = new Dirty(new Random(3));
    byte[] entry = image.entry(9, 0, LOG, new Random(4));
    MemorySegment.ofArray(entry).set(VhdxLayout.U32, Log.LENGTH, MIB);
    for (int at = 0; at < MIB; at += PAGE) {
      image.put(at, Arrays.copyOf(entry, PAGE));
    }
    image.write();
    assertThatThrownBy(() -> Images.read(image.path))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("reach over each other");
  }

  @Test
  void anEnormousLogIsRefused() throws IOException {
    Dirty image = new Dirty(new Random(3));
    VhdxHeader huge = new VhdxHeader(0, 99, LOG, LOG, LOG, 0xFFF0_0000L, image.header.logOffset());
    huge.write((offset, from) -> image.all.asSlice(offset, from.byteSize()).copyFrom(from));
    image.write();
    assertThatThrownBy(() -> Images.read(image.path))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("our limit");
    assertThat(Files.size(image.path)).isEqualTo(image.bytes.length);
  }
}
