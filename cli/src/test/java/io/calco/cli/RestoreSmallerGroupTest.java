package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.LvmTool;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `calco restore` of a volume group to a disk that is smaller than what was backed up, looked at
/// by lvm(8), which says where the volumes lie, by e2fsck, debugfs and blkid.
class RestoreSmallerGroupTest {
  private static final int MIB = 1 << 20;
  private static final int START = 21; // the physical volume's, in mebibytes
  private static final Pattern LEAST = Pattern.compile("smallest that would do has (\\d+)");
  private static final Pattern SECOND = Pattern.compile("2 : start= *(\\d+), size= *(\\d+)");
  private static final Pattern UUID = Pattern.compile("\nUUID=(\\S+)");

  @TempDir private Path directory;
  private Path repository = Path.of("");
  private Path disk = Path.of("");
  private Path files = Path.of("");

  @BeforeEach
  void fill() throws IOException {
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

  private String[] ext4() {
    return new String[] {"mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-d", files.toString()};
  }

  /// A disk of 320 MiB: an ext4 outside, and a group with a gap between its volumes: `root` in two
  /// pieces around `swap`, `home` last.
  private void backUp(String... home) throws IOException {
    Path volume = blank("pv", 290);
    try (LvmTool lvm = new LvmTool(List.of(volume))) {
      String device = lvm.device(0);
      lvm.run("pvcreate", "-ff", "-y", "--pvmetadatacopies", "2", device);
      lvm.run("vgcreate", "-s", "1m", "vg0", device);
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "root", "-l", "10", "vg0", device + ":0-9");
      lvm.run("lvcreate", "-an", "-Wn", "-Zn", "-n", "swap", "-l", "80", "vg0", device + ":10-89");
      lvm.run("lvextend", "-l", "+70", "vg0/root", device + ":90-159");
      lvm.run(
          "lvcreate", "-an", "-Wn", "-Zn", "-n", "home", "-l", "90", "vg0", device + ":190-279");
    }
    byte[] root = made(80, ext4());
    put(volume, 1, root, 0, 10);
    put(volume, 91, root, 10, 70);
    put(volume, 11, made(80, "mkswap", "-q", "-L", "mem"), 0, 80);
    put(volume, 191, made(90, home), 0, 90);
    blank("disk.raw", 320);
    String script =
        "label: gpt\nstart=2048, size=40960\nstart=43008, size=593920, type=E6D6D379-F507-44C2-A23C-238F2A3DF928\n";
    Oracle.named("bash")
        .run("-c", "sfdisk --quiet --no-reread --no-tell-kernel \"$0\" <<< \"$1\"", disk, script)
        .succeeds();
    put(disk, 1, made(20, "mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024"), 0, 20);
    put(disk, START, Files.readAllBytes(volume), 0, 290);
    calco("backup", "create", disk, "--repo", repository, "--quiet").exits(0);
  }

  private Path blank(String name, int mebibytes) throws IOException {
    Path file = directory.resolve(name);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength((long) mebibytes * MIB);
    }
    return file;
  }

  private byte[] made(int mebibytes, String... command) throws IOException {
    Path part = blank("part", mebibytes);
    List<Object> words = new ArrayList<>(List.of(command).subList(1, command.length));
    words.add(part);
    Oracle.named(command[0]).run(words.toArray()).succeeds();
    byte[] bytes = Files.readAllBytes(part);
    Files.delete(part);
    return bytes;
  }

  /// All in mebibytes.
  private static void put(Path file, int at, byte[] bytes, int from, int length)
      throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek((long) at * MIB);
      raw.write(bytes, from * MIB, length * MIB);
    }
  }

  private Command.Answer restore(Path target, Object... more) {
    List<Object> all = new ArrayList<>(List.of("restore", "--repo", repository, "latest", target));
    all.addAll(List.of(more));
    return calco(all.toArray());
  }

  /// What LVM2 finds in a restored disk's second partition, by volume.
  private Map<String, byte[]> volumes(Path restored) throws IOException {
    Oracle.named("sgdisk").run("-v", restored).succeeds().says("No problems found");
    Oracle.named("e2fsck").run("-fn", restored + "?offset=" + MIB).succeeds();
    String table = Oracle.named("sfdisk").run("-d", restored).succeeds().out();
    Matcher second = SECOND.matcher(table);
    assertThat(second.find()).isTrue();
    byte[] part = new byte[Integer.parseInt(second.group(2)) * 512];
    try (RandomAccessFile raw = new RandomAccessFile(restored.toFile(), "r")) {
      raw.seek(Long.parseLong(second.group(1)) * 512);
      raw.readFully(part);
    }
    Path volume = Files.write(directory.resolve("restored-pv"), part);
    try (LvmTool lvm = new LvmTool(List.of(volume))) {
      lvm.check();
      assertThat(lvm.report("pvs", "dev_size")).containsExactly(String.valueOf(part.length));
      assertThat(lvm.report("pvs", "pv_mda_used_count")).containsExactly("2");
      return lvm.volumes();
    }
  }

  private void checkFiles(byte[] volume) throws IOException {
    Path file = Files.write(directory.resolve("volume"), volume);
    Oracle.named("e2fsck").run("-fn", file).succeeds();
    for (int i = 0; i < 60; i += 7) {
      Path out = directory.resolve("out");
      String name = "d" + i % 7 + "/f" + i;
      Oracle.named("debugfs").run("-R", "dump /" + name + " " + out, file).succeeds();
      assertThat(Files.mismatch(files.resolve(name), out)).isEqualTo(-1);
    }
  }

  private String swapUuid(byte[] swap) throws IOException {
    Path file = Files.write(directory.resolve("swap"), swap);
    String tags = Oracle.named("blkid").run("-p", "-o", "export", file).succeeds().out();
    assertThat(tags).contains("LABEL=mem", "TYPE=swap");
    Matcher uuid = UUID.matcher("\n" + tags);
    assertThat(uuid.find()).isTrue();
    return uuid.group(1);
  }

  private static Map<String, Integer> mebibytes(Map<String, byte[]> volumes) {
    Map<String, Integer> sizes = new TreeMap<>();
    volumes.forEach((name, bytes) -> sizes.put(name, bytes.length / MIB));
    return sizes;
  }

  private static byte[] get(Map<String, byte[]> volumes, String name) {
    byte[] volume = volumes.get(name);
    assertThat(volume).as(name).isNotNull();
    return volume;
  }

  @Test
  void extentsMoveThenFileSystemsShrinkThenSwap() throws IOException {
    backUp(ext4());
    Path same = directory.resolve("same.raw");
    restore(same).exits(0);
    Map<String, byte[]> before = volumes(same);
    String uuid = swapUuid(get(before, "swap"));
    // Only the gap goes.
    Path moved = directory.resolve("disk-280.raw");
    restore(moved, "--size", "280M", "--verify").exits(0);
    Map<String, byte[]> after = volumes(moved);
    before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    // File systems in proportion to what is free in them.
    Path shrunk = directory.resolve("disk-200.raw");
    assertThat(restore(shrunk, "--size", "200M", "-n").exits(0).out())
        .contains("instead of 304087040, what is in it is shrunk\n    /dev/vg0/root: ")
        .contains("bytes instead of 83886080\n    /dev/vg0/home: ")
        .doesNotContain("/dev/vg0/swap");
    restore(shrunk, "--size", "200M", "--verify").exits(0);
    Map<String, byte[]> smaller = volumes(shrunk);
    checkFiles(get(smaller, "root"));
    checkFiles(get(smaller, "home"));
    assertThat(mebibytes(smaller).get("root")).isBetween(35, 60);
    assertThat(mebibytes(smaller).get("home")).isBetween(35, 60);
    assertThat(get(smaller, "swap")).isEqualTo(get(before, "swap"));
    // Down to the least that is told.
    Path no = directory.resolve("no.raw");
    Command.Answer refused = restore(no, "--size", "60M").exits(4);
    Matcher least = LEAST.matcher(refused.err());
    assertThat(least.find()).isTrue();
    Path smallest = directory.resolve("disk-least.raw");
    restore(smallest, "--size", least.group(1), "--verify").exits(0);
    Map<String, byte[]> last = volumes(smallest);
    checkFiles(get(last, "root"));
    checkFiles(get(last, "home"));
    assertThat(mebibytes(last)).containsEntry("swap", 64);
    assertThat(swapUuid(get(last, "swap"))).isEqualTo(uuid);
    restore(no, "--size", String.valueOf(Long.parseLong(least.group(1)) - MIB)).exits(4);
    assertThat(no).doesNotExist();
  }

  @Test
  void whatDoesNotShrinkStaysAndIsNamed() throws IOException {
    backUp("mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-O", "sparse_super2");
    Command.Answer refused = restore(directory.resolve("no.raw"), "--size", "150M").exits(4);
    assertThat(refused.err())
        .contains("partition 2 holds ", "; /dev/vg0/home stays as long as", "sparse_super2");
    Matcher least = LEAST.matcher(refused.err());
    assertThat(least.find()).isTrue();
    Path target = directory.resolve("disk-sparse.raw");
    restore(target, "--size", least.group(1), "--verify").exits(0);
    Map<String, byte[]> volumes = volumes(target);
    checkFiles(get(volumes, "root"));
    assertThat(mebibytes(volumes)).containsEntry("home", 90);
    Path home = Files.write(directory.resolve("home"), get(volumes, "home"));
    Oracle.named("e2fsck").run("-fn", home).succeeds();
  }
}
