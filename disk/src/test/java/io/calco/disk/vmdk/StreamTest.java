package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;
import static io.calco.disk.vmdk.SparseLayout.U32;
import static io.calco.disk.vmdk.SparseLayout.U64;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.ImageFormats;
import io.calco.disk.JobContext;
import io.calco.disk.MeasuredSize;
import io.calco.disk.MemoryDriver;
import io.calco.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A stream-optimized image sent down a stream, read back by QEMU and, as an importer of appliances
/// does, once from its beginning to its end without ever going back.
class StreamTest {
  private static final int GRAIN = 64 << 10;

  @TempDir Path dir;

  private static CreateOptions options(long size) {
    return new CreateOptions(
        size,
        Optional.empty(),
        Images.options("subformat=streamOptimized,adapter_type=lsilogic,hwversion=13"));
  }

  private static byte[] send(byte[] content) throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (Disk disk = Disk.owning(new MemoryDriver(content))) {
      ImageFormats.get("vmdk")
          .send(disk, options(content.length), Channels.newChannel(sent), JobContext.SILENT);
    }
    return sent.toByteArray();
  }

  @Test
  void qemuReadsWhatIsSent() {
    Seeds.run(
        3,
        random -> {
          byte[] content = Images.content(random, (35 << 20) + 512 * random.nextInt(200));
          Arrays.fill(content, 0, random.nextInt(34 << 20), (byte) 0);
          Path image = dir.resolve("sent.vmdk");
          Files.write(image, send(content));
          assertThat(Arrays.mismatch(Images.qemuReads(image), content)).isEqualTo(-1);
          assertThat(Arrays.mismatch(Images.read(image), content)).isEqualTo(-1);
          Images.qemuImg().run("check", "-f", "vmdk", image).succeeds();
          assertThat(Images.verify(image).findings()).isEmpty();
        });
  }

  @Test
  void anImporterReadsItInOnePass() {
    Seeds.run(
        3,
        random -> {
          byte[] content = Images.content(random, (70 << 20) + 512 * random.nextInt(200));
          Arrays.fill(content, 1 << 20, 34 << 20, (byte) 0);
          byte[] read = new Importer(send(content)).run();
          assertThat(read).hasSize(content.length);
          assertThat(Arrays.mismatch(read, content)).isEqualTo(-1);
        });
  }

  @Test
  void nothingIsAStreamToo() throws Exception {
    assertThat(new Importer(send(new byte[200 << 10])).run()).isEqualTo(new byte[200 << 10]);
  }

  @Test
  void isMeasured() throws IOException {
    Random random = new Random(7);
    byte[] noise = new byte[33 << 20];
    random.nextBytes(noise);
    try (Disk disk = Disk.owning(new MemoryDriver(noise))) {
      MeasuredSize size = ImageFormats.get("vmdk").measure(disk, options(noise.length));
      assertThat(size.required()).isEqualTo(send(noise).length);
      assertThat(size.fullyAllocated()).isEqualTo(size.required());
    }
    try (Disk blank = Disk.blank(noise.length)) {
      MeasuredSize size = ImageFormats.get("vmdk").measure(blank, options(noise.length));
      assertThat(size.required()).isEqualTo(send(new byte[noise.length]).length);
      assertThat(size.fullyAllocated()).isEqualTo(send(noise).length);
    }
  }

  /// Reads a stream by the rules of "Virtual Disk Format 5.0", section "Stream-Optimized Compressed
  /// Sparse Extents": markers alone say what follows.
  private static final class Importer {
    private final MemorySegment bytes;
    private final byte[] guest;
    private final int[] table = new int[512];
    private final int[] directory;
    private long at;
    private long lastGrain = -1;
    private long tableOfGrains = -1;

    Importer(byte[] stream) {
      bytes = MemorySegment.ofArray(stream);
      assertThat(bytes.get(U64, SparseLayout.DIRECTORY)).isEqualTo(-1L);
      assertThat(bytes.get(U64, SparseLayout.GRAIN_SIZE)).isEqualTo(128);
      guest = new byte[Math.toIntExact(bytes.get(U64, SparseLayout.CAPACITY) * SECTOR)];
      directory = new int[Math.ceilDiv(guest.length, 512 * GRAIN)];
      at = bytes.get(U64, SparseLayout.OVERHEAD) * SECTOR;
      String text =
          new String(
              bytes.asSlice(SECTOR, 20 * SECTOR).toArray(SparseLayout.U8),
              StandardCharsets.US_ASCII);
      assertThat(text)
          .contains(
              "createType=\"streamOptimized\"",
              "RW %d SPARSE \"".formatted(guest.length / SECTOR),
              "ddb.adapterType = \"lsilogic\"",
              "ddb.virtualHWVersion = \"13\"");
    }

    byte[] run() throws DataFormatException {
      while (true) {
        long value = bytes.get(U64, at);
        int size = bytes.get(U32, at + 8);
        if (size != 0) {
          grain(value, size);
          continue;
        }
        switch (bytes.get(U32, at + 12)) {
          case 0 -> throw new AssertionError("end of stream before the footer");
          case 1 -> table(value);
          case 2 -> directory(value);
          case 3 -> {
            footer(value);
            return guest;
          }
          default -> throw new AssertionError("unknown marker at " + at);
        }
      }
    }

    private void grain(long sector, int size) throws DataFormatException {
      assertThat(sector % 128).isZero();
      assertThat(sector).isGreaterThan(lastGrain);
      lastGrain = sector;
      int place = Math.toIntExact(sector * SECTOR);
      if (tableOfGrains < 0) {
        tableOfGrains = place / (512 * GRAIN);
      }
      assertThat((long) place / (512 * GRAIN))
          .as("a table follows its grains")
          .isEqualTo(tableOfGrains);
      byte[] plain = new byte[GRAIN];
      try (Inflater inflater = new Inflater()) {
        inflater.setInput(bytes.asSlice(at + 12, size).toArray(SparseLayout.U8));
        assertThat(inflater.inflate(plain)).isEqualTo(GRAIN);
        assertThat(inflater.inflate(new byte[1])).isZero();
        assertThat(inflater.finished()).isTrue();
      }
      System.arraycopy(plain, 0, guest, place, Math.min(GRAIN, guest.length - place));
      table[place / GRAIN % 512] = (int) (at / SECTOR);
      at += Math.ceilDiv(12L + size, SECTOR) * SECTOR;
    }

    private void table(long sectors) {
      assertThat(sectors).isEqualTo(4);
      at += SECTOR;
      for (int i = 0; i < 512; i++) {
        assertThat(bytes.get(U32, at + 4L * i)).isEqualTo(table[i]);
      }
      directory[Math.toIntExact(tableOfGrains)] = (int) (at / SECTOR);
      Arrays.fill(table, 0);
      tableOfGrains = -1;
      at += 4 * SECTOR;
    }

    private void directory(long sectors) {
      assertThat(tableOfGrains).as("every table was written").isEqualTo(-1);
      at += SECTOR;
      for (int i = 0; i < directory.length; i++) {
        assertThat(bytes.get(U32, at + 4L * i)).isEqualTo(directory[i]);
      }
      at += sectors * SECTOR;
    }

    private void footer(long sectors) {
      assertThat(sectors).isEqualTo(1);
      long place = at - Math.ceilDiv(4L * directory.length, SECTOR) * SECTOR;
      byte[] header = bytes.asSlice(0, SECTOR).toArray(SparseLayout.U8);
      MemorySegment.ofArray(header).set(U64, SparseLayout.DIRECTORY, place / SECTOR);
      byte[] footer = bytes.asSlice(at + SECTOR, SECTOR).toArray(SparseLayout.U8);
      assertThat(footer).isEqualTo(header);
      assertThat(bytes.asSlice(at + 2 * SECTOR).toArray(SparseLayout.U8))
          .as("end of stream")
          .isEqualTo(new byte[SECTOR]);
    }
  }
}
