package io.calco.disk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// ESX's images, which we only read, seen by QEMU as by us.
class EsxTest {
  private static final int SECTORS = 40_000;

  @TempDir Path dir;

  /// A descriptor beside its one extent.
  private Path describe(String name, String type, String line, String more) throws IOException {
    Path path = dir.resolve(name);
    Files.writeString(
        path,
        """
        # Disk DescriptorFile
        version=1
        CID=0badcafe
        createType="%s"
        %s
        # Extent description
        %s
        """
            .formatted(type, more.isEmpty() ? "parentCID=ffffffff" : more, line));
    return path;
  }

  private static void same(Path image, byte[] expected) throws IOException {
    assertThat(Arrays.mismatch(Images.read(image), expected)).as("ours").isEqualTo(-1);
    assertThat(Arrays.mismatch(Images.qemuReads(image), expected)).as("QEMU's").isEqualTo(-1);
    assertThat(Images.verify(image).findings()).isEmpty();
  }

  @Test
  void readsVmfs() {
    Seeds.run(
        1,
        random -> {
          byte[] guest = Images.content(random, SECTORS * 512);
          Files.write(dir.resolve("disk-flat.vmdk"), guest);
          String line = "RW %d VMFS \"disk-flat.vmdk\"".formatted(SECTORS);
          same(describe("disk.vmdk", "vmfs", line, ""), guest);
        });
  }

  @Test
  void readsVmfsSparse() {
    Seeds.run(
        3,
        random -> {
          long seed = random.nextLong();
          Files.write(dir.resolve("disk-delta.vmdk"), EsxImages.cowd(SECTORS, new Random(seed)));
          byte[] guest = EsxImages.guest(SECTORS, 1, new Random(seed));
          String line = "RW %d VMFSSPARSE \"disk-delta.vmdk\"".formatted(SECTORS);
          same(describe("disk.vmdk", "vmfsSparse", line, ""), guest);
          byte[] bare = Images.read(dir.resolve("disk-delta.vmdk"));
          assertThat(Arrays.mismatch(bare, guest)).as("without a descriptor").isEqualTo(-1);
        });
  }

  @Test
  void readsSeSparse() {
    Seeds.run(
        3,
        random -> {
          long seed = random.nextLong();
          Path extent = dir.resolve("disk-sesparse.vmdk");
          Files.write(extent, EsxImages.seSparse(SECTORS, new Random(seed)));
          byte[] guest = EsxImages.guest(SECTORS, 8, new Random(seed));
          String line = "RW %d SESPARSE \"disk-sesparse.vmdk\"".formatted(SECTORS);
          same(describe("disk.vmdk", "seSparse", line, ""), guest);
        });
  }

  /// As a snapshot on ESX leaves them: a delta over a flat disk, found by its content id.
  @Test
  void readsTheDeltaOfASnapshot() {
    Seeds.run(
        2,
        random -> {
          byte[] below = Images.content(random, SECTORS * 512);
          Files.write(dir.resolve("disk-flat.vmdk"), below);
          String flat = "RW %d VMFS \"disk-flat.vmdk\"".formatted(SECTORS);
          describe("disk.vmdk", "vmfs", flat, "");
          long seed = random.nextLong();
          Files.write(dir.resolve("delta.vmdk"), EsxImages.cowd(SECTORS, new Random(seed)));
          byte[] expected = EsxImages.guest(SECTORS, 1, new Random(seed));
          for (int at = 0; at < expected.length; at += 512) {
            if (expected[at] == 0) {
              System.arraycopy(below, at, expected, at, 512);
            }
          }
          String delta = "RW %d VMFSSPARSE \"delta.vmdk\"".formatted(SECTORS);
          String rests = "parentCID=0badcafe\nparentFileNameHint=\"disk.vmdk\"";
          same(describe("top.vmdk", "vmfsSparse", delta, rests), expected);
        });
  }
}
