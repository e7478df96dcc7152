package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// `calco restore` to a disk that is smaller than what was backed up, looked at by sgdisk, sfdisk,
/// e2fsck, debugfs, blkid and ntfs-3g.
class RestoreSmallerTest {
  private static final int MIB = 1 << 20;
  private static final String SWAP = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F";
  private static final Pattern PLACE =
      Pattern.compile("disk[^ ]*?(\\d) : start= *(\\d+), size= *(\\d+)(.*)");
  private static final Pattern LEAST = Pattern.compile("smallest that would do has (\\d+)");

  @TempDir private Path directory;
  private Path repository = Path.of("");
  private Path disk = Path.of("");
  private Path files = Path.of("");

  /// @param start in bytes
  private record Place(long start, long length, String rest) {}

  @BeforeEach
  void makeDisk() throws IOException {
    repository = directory.resolve("repo");
    disk = directory.resolve("disk.raw");
    files = Files.createDirectories(directory.resolve("files"));
    calco("repo", "init", repository).exits(0);
    Random random = new Random(6);
    for (int i = 0; i < 60; i++) {
      byte[] content = new byte[random.nextInt(400_000)];
      random.nextBytes(content);
      Files.write(Files.createDirectories(files.resolve("d" + i % 7)).resolve("f" + i), content);
    }
  }

  /// A disk of 320 MiB: a small ext4, a swap area, a gap, and what `last` makes.
  private void backUp(String table, String... last) throws IOException {
    backUp(table, part -> {}, last);
  }

  /// Fills a file system.
  @FunctionalInterface
  private interface Filling {
    void of(Path part) throws IOException;
  }

  private void backUp(String table, Filling filling, String... last) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(disk.toFile(), "rw")) {
      raw.setLength(320L * MIB);
    }
    String script =
        "label: %s\nstart=2048, size=40960\nstart=43008, size=184320, type=%s\nstart=264192, size=389120\n"
            .formatted(table, table.equals("gpt") ? SWAP : "82");
    Oracle.named("bash")
        .run("-c", "sfdisk --quiet --no-reread --no-tell-kernel \"$0\" <<< \"$1\"", disk, script)
        .succeeds();
    Filling nothing = part -> {};
    make(MIB, 20, nothing, "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-L", "boot");
    make(21L * MIB, 90, nothing, "mkswap", "-q", "-L", "mem");
    make(129L * MIB, 190, filling, last);
    calco("backup", "create", disk, "--repo", repository, "--quiet").exits(0);
  }

  private void make(long start, int mebibytes, Filling filling, String... command)
      throws IOException {
    Path part = directory.resolve("part");
    try (RandomAccessFile raw = new RandomAccessFile(part.toFile(), "rw")) {
      raw.setLength((long) mebibytes * MIB);
    }
    Object[] words = new Object[command.length];
    System.arraycopy(command, 1, words, 0, command.length - 1);
    words[command.length - 1] = part;
    Oracle.named(command[0]).run(words).succeeds();
    filling.of(part);
    try (RandomAccessFile raw = new RandomAccessFile(disk.toFile(), "rw")) {
      raw.seek(start);
      raw.write(Files.readAllBytes(part));
    }
    Files.delete(part);
  }

  private String[] ext4() {
    return new String[] {
      "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-L", "root", "-d", files.toString()
    };
  }

  private Command.Answer restore(Path target, Object... more) {
    Object[] all = new Object[more.length + 5];
    System.arraycopy(
        new Object[] {"restore", "--repo", repository, "latest", target}, 0, all, 0, 5);
    System.arraycopy(more, 0, all, 5, more.length);
    return calco(all);
  }

  private static Map<Integer, Place> places(Path disk) {
    Map<Integer, Place> places = new TreeMap<>();
    Matcher line = PLACE.matcher(Oracle.named("sfdisk").run("-d", disk).succeeds().out());
    while (line.find()) {
      places.put(
          Integer.parseInt(line.group(1)),
          new Place(
              Long.parseLong(line.group(2)) * 512,
              Long.parseLong(line.group(3)) * 512,
              line.group(4)));
    }
    return places;
  }

  /// Asserts that a restored disk has all that was saved, its last file system being ext4.
  private Map<Integer, Place> check(Path restored) throws IOException {
    Map<Integer, Place> places = checkTable(restored);
    String part = restored + "?offset=" + places.get(3).start();
    Oracle.named("e2fsck").run("-fn", part).succeeds();
    Path root = slice(restored, places.get(3));
    for (int i = 0; i < 60; i += 7) {
      Path out = directory.resolve("out");
      String name = "d" + i % 7 + "/f" + i;
      Oracle.named("debugfs").run("-R", "dump /" + name + " " + out, root).succeeds();
      assertThat(Files.mismatch(files.resolve(name), out)).isEqualTo(-1);
    }
    return places;
  }

  /// Asserts that a restored disk has the partitions that were saved, and what is in the first two.
  private Map<Integer, Place> checkTable(Path restored) throws IOException {
    Oracle.Run verified = Oracle.named("sfdisk").run("--verify", restored).succeeds();
    assertThat(verified.out() + verified.err()).doesNotContain("overlap", "corrupt", "mismatch");
    Map<Integer, Place> places = places(restored);
    if (verified.out().contains("GPT")
        || Oracle.named("sfdisk").run("-d", restored).out().contains("label: gpt")) {
      Oracle.named("sgdisk").run("-v", restored).succeeds().says("No problems found");
    }
    Map<Integer, Place> saved = places(disk);
    assertThat(places).hasSameSizeAs(saved);
    // Types, PARTUUIDs, names.
    saved.forEach((number, place) -> assertThat(places.get(number).rest()).isEqualTo(place.rest()));
    Oracle.named("e2fsck").run("-fn", restored + "?offset=" + places.get(1).start()).succeeds();
    Path swap = slice(restored, places.get(2));
    String tags = Oracle.named("blkid").run("-p", "-o", "export", swap).succeeds().out();
    String before =
        Oracle.named("blkid").run("-p", "-o", "export", slice(disk, saved.get(2))).out();
    Pattern uuid = Pattern.compile("\nUUID=(\\S+)");
    Matcher found = uuid.matcher(tags);
    Matcher expected = uuid.matcher(before);
    assertThat(found.find() && expected.find()).isTrue();
    assertThat(found.group(1)).isEqualTo(expected.group(1));
    assertThat(tags).contains("LABEL=mem", "TYPE=swap");
    return places;
  }

  private Path slice(Path from, Place place) throws IOException {
    Path part = directory.resolve("slice-" + from.getFileName() + "-" + place.start());
    byte[] bytes = new byte[Math.toIntExact(place.length())];
    try (RandomAccessFile raw = new RandomAccessFile(from.toFile(), "r")) {
      raw.seek(place.start());
      raw.readFully(bytes);
    }
    return Files.write(part, bytes);
  }

  private static long least(Command.Answer refused) {
    Matcher least = LEAST.matcher(refused.err());
    assertThat(least.find()).isTrue();
    return Long.parseLong(least.group(1));
  }

  @Test
  void theLastFileSystemShrinksThenGapsGoThenSwapShrinks() throws IOException {
    backUp("gpt", ext4());
    Path larger = directory.resolve("disk-200.raw");
    assertThat(restore(larger, "--size", "200M", "-n").exits(0).out())
        .contains(
            "partition 3: stays at 135266304, 73400320 bytes instead of 199229440, what is in it is shrunk");
    restore(larger, "--size", "200M", "--verify").exits(0);
    assertThat(check(larger).get(2).length()).isEqualTo(90L * MIB);
    Path smaller = directory.resolve("disk-108.raw");
    restore(smaller, "--size", "108M", "--verify").exits(0);
    Map<Integer, Place> places = check(smaller);
    assertThat(places.get(1)).isEqualTo(places(disk).get(1));
    assertThat(places.get(2).length()).isBetween(64L * MIB - 1, 90L * MIB - 1);
    assertThat(restore(directory.resolve("no.raw"), "--size", "60M").exits(4).err())
        .contains("has 62914560 bytes, too small: the smallest that would do has ")
        .contains("partition 2 holds ");
  }

  @Test
  void theSmallestSizeThatIsNamedDoes() throws IOException {
    backUp("dos", ext4());
    for (String layout : new String[] {"as-saved", "proportional"}) {
      Path no = directory.resolve("no.raw");
      long least = least(restore(no, "--size", "30M", "--layout", layout).exits(4));
      Path target = directory.resolve("disk-" + layout + ".raw");
      restore(target, "--size", String.valueOf(least), "--layout", layout).exits(0);
      check(target);
      restore(no, "--size", String.valueOf(least - MIB), "--layout", layout).exits(4);
      assertThat(no).doesNotExist();
    }
  }

  @Test
  void aTargetThatIsThereIsReadFirstAndEachPartitionMayBeListed() throws IOException {
    backUp("gpt", ext4());
    Path target = Files.write(directory.resolve("disk-there.raw"), new byte[150 * MIB]);
    restore(target, "--yes", "--layout", "proportional", "--verify").exits(0);
    check(target);
    assertThat(restore(target, "--yes", "--layout", "proportional", "--delta").exits(0).out())
        .contains("16 KiB differed"); // the mark of a restore at work
    Path list =
        Files.writeString(
            directory.resolve("places"),
            "disk1 : start= 2048, size= 16384\ndisk2 : start= 20480, size= 184320\n"
                + "disk3 : start= 206848, size= 92160\n");
    restore(target, "--yes", "--layout", list, "--verify").exits(0);
    assertThat(check(target).get(1).length()).isEqualTo(8L * MIB);
    Files.writeString(list, "disk1 : start= 2048, size= 2048\n");
    assertThat(restore(target, "--yes", "--layout", list).exits(2).err())
        .contains("partition 1: 1048576 bytes are listed for it, and what is in it needs ");
  }

  @Test
  void btrfsShrinks() throws IOException {
    backUp("gpt", "mkfs.btrfs", "-q", "--rootdir", files.toString());
    Path no = directory.resolve("no.raw");
    long least = least(restore(no, "--size", "60M").exits(4));
    for (long size : new long[] {260L * MIB, least}) {
      Path target = directory.resolve("disk-" + size + ".raw");
      restore(target, "--size", String.valueOf(size), "--verify").exits(0);
      Oracle.named("sgdisk").run("-v", target).succeeds().says("No problems found");
      Place place = places(target).get(3);
      assertThat(place.length()).isLessThan(190L * MIB);
      Path root = slice(target, place);
      Oracle.named("btrfs").run("check", "--readonly", "--check-data-csum", root).succeeds();
      Path out = Files.createDirectories(directory.resolve("out-" + size));
      Oracle.named("btrfs").run("restore", root, out).succeeds();
      Oracle.named("diff").run("-r", files, out).succeeds();
    }
    restore(no, "--size", String.valueOf(least - MIB)).exits(4);
    assertThat(no).doesNotExist();
  }

  @Test
  void ntfsShrinksAsTheLastOne() throws IOException {
    backUp(
        "gpt",
        part -> mounted(part, root -> copy(files, root)),
        "mkntfs",
        "-Q",
        "-F",
        "-q",
        "-L",
        "windows");
    Path target = directory.resolve("disk-180.raw");
    assertThat(restore(target, "--size", "180M", "--verify").exits(0).out()).contains("compared");
    Place place = checkTable(target).get(3);
    assertThat(place.start() + place.length()).isBetween(178L * MIB, 180L * MIB);
    checkNtfs(target);
    Path no = directory.resolve("no.raw");
    long least = least(restore(no, "--size", "30M").exits(4));
    Path smallest = directory.resolve("disk-least.raw");
    restore(smallest, "--size", String.valueOf(least), "--verify").exits(0);
    checkTable(smallest);
    checkNtfs(smallest);
  }

  private void checkNtfs(Path restored) throws IOException {
    Path part = slice(restored, places(restored).get(3));
    Oracle.named("ntfsfix").run("-n", part).succeeds().says("processed successfully");
    Oracle.named("ntfsresize").run("--info", "--force", part).says("Accounting clusters");
    byte[] bytes = Files.readAllBytes(part);
    assertThat(Arrays.mismatch(bytes, 0, 512, bytes, bytes.length - 512, bytes.length))
        .isEqualTo(-1);
    mounted(part, root -> Oracle.named("diff").run("-r", files, root.resolve("files")).succeeds());
  }

  private static void copy(Path from, Path to) {
    // The first ones go again, so that what is left lies behind holes.
    Oracle.named("bash")
        .run("-ec", "head -c 20M /dev/zero > $1/gone; cp -r $0 $1/files; rm $1/gone", from, to)
        .succeeds();
  }

  private void mounted(Path part, Filling work) throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new TestAbortedException("skipped: mounting needs root");
    }
    Path root = Files.createDirectories(directory.resolve("mounted"));
    Oracle.named("ntfs-3g").run(part, root).succeeds();
    try {
      work.of(root);
    } finally {
      Oracle.named("umount").run(root).succeeds();
    }
  }

  @Test
  void xfsLosesItsFreeEnd() throws IOException {
    backUp("gpt", "mkfs.xfs", "-q", "-f", "--unsupported");
    Path no = directory.resolve("no.raw");
    Command.Answer refused = restore(no, "--size", "100M").exits(4);
    assertThat(refused.err()).contains("(XFS loses only what is free at its end)");
    long least = least(refused);
    assertThat(least).isLessThan(300L * MIB);
    Path target = directory.resolve("disk-xfs.raw");
    restore(target, "--size", String.valueOf(least), "--verify").exits(0);
    Path root = slice(target, places(target).get(3));
    assertThat(Files.size(root)).isLessThan(170L * MIB);
    Oracle.named("xfs_repair").run("-n", "-o", "force_geometry", root).succeeds();
  }

  @Test
  void whatDoesNotShrinkIsNamed() throws IOException {
    backUp("gpt", "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-O", "sparse_super2");
    Path target = directory.resolve("disk-kept.raw");
    Command.Answer refused = restore(target, "--size", "200M").exits(4);
    assertThat(refused.err())
        .contains(
            "partition 3 stays as long as it is: ext4 file system: with sparse_super2 it cannot be shrunk");
    restore(target, "--size", String.valueOf(least(refused))).exits(0);
    Oracle.named("sgdisk").run("-v", target).succeeds().says("No problems found");
    Oracle.named("e2fsck").run("-fn", slice(target, places(target).get(3))).succeeds();
  }
}
