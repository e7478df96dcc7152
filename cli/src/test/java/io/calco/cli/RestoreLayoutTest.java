package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `calco restore --layout`, looked at by sgdisk and e2fsck.
class RestoreLayoutTest {
  @TempDir private Path directory;

  private Path repository;
  private JsonNode partitions;
  private long size;

  @BeforeEach
  void backUp() throws IOException {
    Path disk = directory.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
    repository = directory.resolve("repo");
    calco("repo", "init", repository).exits(0);
    calco("backup", "create", disk, "--repo", repository, "--quiet").exits(0);
    JsonNode point =
        new JsonMapper()
            .readTree(
                calco("backup", "show", "latest", "--output", "json", "--repo", repository)
                    .exits(0)
                    .out());
    partitions = point.findValue("partitions");
    size = point.findValue("disk").path("size").asLong();
  }

  private String restore(Path target, Object... more) {
    Object[] all = new Object[more.length + 5];
    System.arraycopy(
        new Object[] {"restore", "--repo", repository, "latest", target}, 0, all, 0, 5);
    System.arraycopy(more, 0, all, 5, more.length);
    return calco(all).exits(0).out();
  }

  /// The bytes of the file system of a raw disk's last partition, which has no fault.
  private static long check(Path disk) {
    Oracle.named("sgdisk").run("-v", disk).succeeds().says("No problems found");
    String dump = Oracle.named("sfdisk").run("-d", disk).succeeds().out();
    Matcher last = Pattern.compile("(?s).*start= *(\\d+), size= *(\\d+).*").matcher(dump);
    assertThat(last.matches()).isTrue();
    String part = disk + "?offset=" + Long.parseLong(last.group(1)) * 512;
    Oracle.named("e2fsck").run("-fn", part).succeeds();
    String facts = Oracle.named("dumpe2fs").run("-h", part).succeeds().out();
    Matcher blocks =
        Pattern.compile("(?s).*Block count: +(\\d+).*Block size: +(\\d+).*").matcher(facts);
    assertThat(blocks.matches()).isTrue();
    long bytes = Long.parseLong(blocks.group(1)) * Long.parseLong(blocks.group(2));
    assertThat(bytes)
        .isBetween(
            Long.parseLong(last.group(2)) * 512 - (1 << 20), Long.parseLong(last.group(2)) * 512);
    return bytes;
  }

  @Test
  void aLargerDiskIsUsedToItsEnd() {
    for (String layout : new String[] {"grow-last", "proportional"}) {
      Path target = directory.resolve(layout + ".raw");
      restore(target, "--layout", layout, "--size", String.valueOf(2 * size), "--verify");
      assertThat(check(target)).isGreaterThan(size);
    }
    Path saved = directory.resolve("saved.raw");
    restore(saved, "--size", String.valueOf(2 * size));
    assertThat(check(saved)).isLessThan(size);
  }

  @Test
  void placesComeFromAListAndFileSystemsAreGrownIntoThem() throws IOException {
    Path saved = directory.resolve("saved.raw");
    restore(saved);
    String dump = Oracle.named("sfdisk").run("-d", saved).succeeds().out();
    JsonNode last = partitions.path(partitions.size() - 1);
    long start = last.path("start").asLong() / 512;
    long length = last.path("length").asLong(last.path("size").asLong()) / 512;
    Path list =
        Files.writeString(
            directory.resolve("places"),
            dump.replaceAll(
                "start= *%d, size= *%d".formatted(start, length),
                "start= %d, size= %d".formatted(start + 8192, length + 16384)));
    assertThat(Files.readString(list)).isNotEqualTo(dump);
    Path target = directory.resolve("listed.raw");
    String told = restore(target, "-n", "--layout", list, "--size", String.valueOf(2 * size));
    assertThat(told)
        .contains("from %d to %d".formatted(start * 512, (start + 8192) * 512))
        .contains("%d bytes instead of %d".formatted((length + 16384) * 512, length * 512));
    assertThat(target).doesNotExist();
    restore(target, "--layout", list, "--size", String.valueOf(2 * size));
    check(target);
    Files.writeString(list, "sda1 = 5\n");
    assertThat(
            calco("restore", "--repo", repository, "latest", saved, "--layout", list, "-n")
                .exits(5)
                .err())
        .contains(
            "places: line 1: found \"sda1 = 5\", expected a partition as sfdisk --dump prints");
  }

  @Test
  void aSmallerDiskWillDoWhenThePartitionsEndBeforeItsEnd() {
    assertThat(
            calco(
                    "restore",
                    "--repo",
                    repository,
                    "latest",
                    directory.resolve("no"),
                    "--size",
                    "8M")
                .exits(4)
                .err())
        .contains("has 8388608 bytes, too small: the smallest that would do has ");
    Path big = directory.resolve("big.raw");
    restore(big, "--size", String.valueOf(2 * size));
    calco("backup", "create", big, "--repo", repository, "--quiet").exits(0);
    Path small = directory.resolve("small.raw");
    restore(small, "--size", String.valueOf(size));
    check(small);
    assertThat(small.toFile().length()).isEqualTo(size);
  }

  /// Calco does not grow NTFS; ntfsresize or Windows does, and until then the partition's last
  /// sector is where a damaged boot sector is mended from.
  @Test
  void ntfsInALongerPartitionHasTheCopyOfItsBootSectorAtTheEnd() throws IOException {
    Path disk = blank("ntfs.raw", 48);
    Oracle.named("bash")
        .run(
            "-c",
            "sfdisk --quiet --no-reread --no-tell-kernel \"$0\" <<< \"$1\"",
            disk,
            "label: gpt\nstart=2048, size=65536\n")
        .succeeds();
    Path part = blank("part", 32);
    Oracle.named("mkntfs").run("-Q", "-F", "-q", "-p", "2048", part).succeeds();
    Path file = Files.writeString(directory.resolve("file"), "kept\n".repeat(50_000));
    Oracle.named("ntfscp").run("-q", part, file, "kept").succeeds();
    try (RandomAccessFile raw = new RandomAccessFile(disk.toFile(), "rw")) {
      raw.seek(1 << 20);
      raw.write(Files.readAllBytes(part));
    }
    calco("backup", "create", disk, "--repo", repository, "--quiet").exits(0);
    Path target = directory.resolve("longer.raw");
    restore(target, "--layout", "grow-last", "--size", "96M", "--verify");

    String dump = Oracle.named("sfdisk").run("-d", target).succeeds().out();
    Matcher sectors = Pattern.compile("size= *(\\d+)").matcher(dump);
    assertThat(sectors.find()).isTrue();
    int length = Integer.parseInt(sectors.group(1)) * 512;
    assertThat(length).isGreaterThan(90 << 20);
    byte[] longer = Arrays.copyOfRange(Files.readAllBytes(target), 1 << 20, (1 << 20) + length);
    assertThat(Arrays.copyOfRange(longer, length - 512, length))
        .isEqualTo(Arrays.copyOf(longer, 512));
    Path whole = Files.write(directory.resolve("whole"), longer);
    checkNtfs(whole, file);
    Arrays.fill(longer, 0, 512, (byte) 0);
    Path damaged = Files.write(directory.resolve("damaged"), longer);
    Oracle.named("ntfsfix").run(damaged).succeeds().says("The alternate bootsector is usable");
    checkNtfs(damaged, file);
    Oracle.named("ntfsresize").run("--force", "--force", whole).succeeds();
    checkNtfs(whole, file);
    assertThat(Oracle.named("ntfsresize").run("--info", "--force", whole).out())
        .contains("Current device size: " + length);
  }

  private Path blank(String name, int mebibytes) throws IOException {
    Path file = directory.resolve(name);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength((long) mebibytes << 20);
    }
    return file;
  }

  private static void checkNtfs(Path part, Path file) throws IOException {
    Oracle.named("ntfsfix").run("-n", part).succeeds().says("processed successfully");
    Oracle.named("ntfsresize").run("--check", "--force", part).succeeds();
    assertThat(Oracle.named("ntfscat").run("--force", part, "kept").succeeds().out())
        .isEqualTo(Files.readString(file));
  }
}
