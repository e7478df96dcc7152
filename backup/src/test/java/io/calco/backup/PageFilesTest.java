package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Page files and hibernation are left out where that is asked for, and nothing else is.
class PageFilesTest {
  private static final int LENGTH = 6 * MadeDisks.MIB + 1234;
  private static final int PAGE = 4096;

  @TempDir private Path directory;
  private final Random random = new Random(11);

  private Path noise(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return Files.write(file, bytes);
  }

  private static Path swap(Path file) {
    Oracle.named("mkswap").run("-L", "paging", file).succeeds();
    return file;
  }

  private record Restored(RestorePoint point, Path disk) {}

  private Restored keepWithout(Path image) throws IOException {
    try (Repository repository = Repository.create(directory.resolve("repo"))) {
      RestorePoint all = repository.backUp(image, Coverage.USED);
      assertThat(all.disk().leftOut()).isEmpty();
      RestorePoint point = repository.backUp(image, Coverage.WITHOUT_PAGE_FILES);
      assertThat(point.warnings()).isEmpty();
      long left = point.disk().leftOut().orElseThrow().bytes();
      assertThat(all.work().kept() - point.work().kept()).isEqualTo(left);
      return new Restored(point, repository.restore(point, directory.resolve("restored")));
    }
  }

  private static List<LeftOut.Area> areas(Restored restored) {
    return restored.point().disk().leftOut().orElseThrow().areas();
  }

  @Test
  void swapFilesOfExt4KeepTheirHeader() throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree"));
    Path swapFile = swap(noise("tree/swapfile"));
    Path noSwap = noise("tree/swap.img");
    Path elsewhere = swap(noise("tree/sub/swapfile"));
    Path image = MadeDisks.garbage(directory.resolve("disk"), 48L * MadeDisks.MIB, random);
    MadeDisks.format("ext4", image, tree);

    Restored restored = keepWithout(image);

    assertThat(areas(restored))
        .containsExactly(new LeftOut.Area("whole disk", "/swapfile", LENGTH - PAGE));
    MadeDisks.check("ext4", restored.disk());
    Path found = taken(restored.disk(), "/swapfile");
    byte[] bytes = Files.readAllBytes(found);
    byte[] expected = Arrays.copyOf(Arrays.copyOf(Files.readAllBytes(swapFile), PAGE), LENGTH);
    assertThat(Arrays.equals(bytes, expected)).isTrue();
    String label = Oracle.named("swaplabel").run(swapFile).succeeds().out();
    assertThat(label).contains("paging");
    assertThat(Oracle.named("swaplabel").run(found).succeeds().out()).isEqualTo(label);
    assertThat(Repository.equal(taken(restored.disk(), "/swap.img"), noSwap)).isTrue();
    assertThat(Repository.equal(taken(restored.disk(), "/sub/swapfile"), elsewhere)).isTrue();
  }

  private Path taken(Path image, String path) {
    Path to = directory.resolve("taken" + path.replace('/', '-'));
    Oracle.named("debugfs").run("-R", "dump " + path + " " + to, image).succeeds();
    return to;
  }

  @Test
  void windowsFilesAreZeroes() throws IOException {
    Path image = MadeDisks.garbage(directory.resolve("disk"), 48L * MadeDisks.MIB, random);
    Oracle.named("mkfs.ntfs").run("-q", "-F", "-f", image).succeeds();
    Path content = noise("content");
    for (String name : List.of("hiberfil.sys", "pagefile.sys", "pagefile.bak")) {
      Oracle.named("ntfscp").run("-q", "-f", image, content, "/" + name).succeeds();
    }

    Restored restored = keepWithout(image);

    assertThat(areas(restored))
        .containsExactly(
            new LeftOut.Area("whole disk", "/hiberfil.sys", LENGTH),
            new LeftOut.Area("whole disk", "/pagefile.sys", LENGTH));
    MadeDisks.check("ntfs", restored.disk());
    Oracle.named("ntfsinfo").run("-m", restored.disk()).succeeds();
    String sizes = Oracle.named("ntfsls").run("-l", restored.disk()).succeeds().out();
    assertThat(sizes)
        .containsPattern(LENGTH + ".*hiberfil.sys")
        .containsPattern(LENGTH + ".*pagefile.bak");
    assertThat(sha256(restored.disk(), "/pagefile.sys")).isEqualTo(sha256(new byte[LENGTH]));
    assertThat(sha256(restored.disk(), "/hiberfil.sys")).isEqualTo(sha256(new byte[LENGTH]));
    assertThat(sha256(restored.disk(), "/pagefile.bak"))
        .isEqualTo(sha256(Files.readAllBytes(content)));
  }

  private static String sha256(Path image, String path) {
    return Oracle.named("sh")
        .run("-c", "ntfscat \"$1\" \"$2\" | sha256sum", "sh", image, path)
        .succeeds()
        .out()
        .substring(0, 64);
  }

  private String sha256(byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("sum"), bytes);
    return Oracle.named("sha256sum").run(file).succeeds().out().substring(0, 64);
  }

  /// As Linux leaves it: the mark says so, the rest of the first page stays.
  @Test
  void aSuspendedMachineIsLeftOut() throws IOException {
    Path image = swap(noise("disk"));
    String uuid = blkid(image, "UUID");
    MadeDisks.overwrite(image, PAGE - 20, "SWAPSPACE2S1SUSPEND\0".getBytes(StandardCharsets.UTF_8));
    assertThat(blkid(image, "TYPE")).isEqualTo("swsuspend");

    Restored restored = keepWithout(image);

    assertThat(areas(restored))
        .singleElement()
        .satisfies(area -> assertThat(area.what()).isEqualTo("suspended machine"));
    assertThat(blkid(restored.disk(), "TYPE")).isEqualTo("swsuspend");
    assertThat(blkid(restored.disk(), "UUID")).isEqualTo(uuid);
    byte[] bytes = Files.readAllBytes(restored.disk());
    byte[] before = Files.readAllBytes(image);
    assertThat(Arrays.mismatch(before, bytes)).isGreaterThanOrEqualTo(PAGE);
    int end = LENGTH / PAGE * PAGE; // what is behind the last page is no swap area's
    assertThat(Arrays.equals(bytes, PAGE, end, new byte[end], PAGE, end)).isTrue();
    assertThat(Arrays.equals(bytes, end, LENGTH, before, end, LENGTH)).isTrue();
  }

  private static String blkid(Path file, String what) {
    return Oracle.named("blkid")
        .run("-p", "-o", "value", "-s", what, file)
        .succeeds()
        .out()
        .strip();
  }
}
