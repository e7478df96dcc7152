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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco backup create --rescue` of sources that the kernel, or their own format, cannot read.
class BackupRescueTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path raw = Path.of("");
  private byte[] whole = new byte[0];

  @BeforeEach
  void makeThem() throws IOException {
    repo = directory.resolve("repo");
    raw = directory.resolve("vm.img");
    Path vm = directory.resolve("vm.qcow2");
    DemoDisk.unpack(vm);
    Path big = directory.resolve("big");
    byte[] content = new byte[60 << 20];
    new java.util.Random(4).nextBytes(content);
    Files.write(big, content);
    calco("guest", "copy-in", big, vm + ":/root/big").exits(0);
    calco("disk", "convert", "-O", "raw", vm, raw).exits(0);
    calco("repo", "init", repo).exits(0);
    whole = Files.readAllBytes(raw);
  }

  /// A loop device whose file has become shorter: what lies behind gives EIO.
  @Test
  void aDeviceThatEndsTooSoon() throws IOException {
    Oracle.Run made = Oracle.named("losetup").run("-b", "4096", "-f", "--show", raw);
    Assumptions.assumeTrue(made.exit() == 0, "no loop devices here");
    String loop = made.out().strip();
    try {
      long cut = 84L << 20;
      try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
        file.setLength(cut);
      }
      Command.Answer refused = calco("backup", "create", "--repo", repo, loop);
      assertThat(refused.exits(8).err())
          .contains(loop + ": cannot be read at byte ")
          .contains("Input/output error")
          .contains("--rescue MAPFILE");
      Path map = directory.resolve("loop.map");
      String told =
          calco("backup", "create", "--repo", repo, "--rescue", map, "--retries", "1", loop)
              .exits(0)
              .err();
      assertThat(told).contains("could not be read, and are zeroes; 1 file lies there");
      Oracle.named("ddrescuelog").run("-t", map).succeeds().says("bad-sector");
      Path theirs = directory.resolve("theirs.map");
      Oracle.named("ddrescue").run("-q", loop, directory.resolve("theirs"), theirs).succeeds();
      JsonNode unread = show().get("unread");
      assertThat(unread.get("files").get(0).get("path").asString()).isEqualTo("/root/big");
      Path back = directory.resolve("back.img");
      calco("restore", "--repo", repo, "latest", back).exits(0);
      byte[] had = Files.readAllBytes(back);
      byte[] expected = whole.clone();
      for (JsonNode run : unread.get("runs")) {
        int start = run.get("start").asInt();
        assertThat(start).isGreaterThanOrEqualTo((int) cut);
        Arrays.fill(expected, start, start + run.get("length").asInt(), (byte) 0);
      }
      assertThat(Arrays.mismatch(had, 0, (int) cut, expected, 0, (int) cut)).isNegative();

      try (var file = new RandomAccessFile(raw.toFile(), "rw")) {
        file.seek(cut);
        file.write(whole, (int) cut, whole.length - (int) cut);
      }
      String again =
          calco("backup", "create", "--repo", repo, "--rescue", map, "--retries", "1", loop)
              .exits(0)
              .err();
      assertThat(again).contains("bytes are as an earlier run read them").doesNotContain("zeroes");
      assertThat(show().has("unread")).isFalse();
      Files.delete(back);
      calco("restore", "--repo", repo, "latest", back).exits(0);
      Oracle.named("e2fsck").run("-fn", back + "?offset=18874368").succeeds();
    } finally {
      Oracle.named("losetup").run("-d", loop);
    }
  }

  private JsonNode show() {
    String text =
        calco("backup", "show", "--repo", repo, "--output", "json", "latest").exits(0).out();
    return new ObjectMapper().readTree(text);
  }

  /// An image that lost its end.
  @Test
  void anImageThatIsCut() throws IOException {
    Path cut = directory.resolve("cut.qcow2");
    calco("disk", "convert", "-O", "qcow2", raw, cut).exits(0);
    try (var file = new RandomAccessFile(cut.toFile(), "rw")) {
      file.setLength(file.length() - (3 << 20));
    }
    assertThat(calco("backup", "create", "--repo", repo, cut).exits(5).err())
        .contains("cut.qcow2: cannot be read at byte ", "may have been cut short", "--rescue");
    Path map = directory.resolve("cut.map");
    assertThat(calco("backup", "create", "--repo", repo, "--rescue", map, cut).exits(0).err())
        .contains("the disk is kept in full: what tells which of it is in use")
        .contains("could not be read, and are zeroes; 1 file lies there");
    assertThat(calco("backup", "show", "--repo", repo, "latest").exits(0).out())
        .contains("NOT READ AT", "/root/big  partition 3");
    assertThat(calco("backup", "create", "--repo", repo, "--retries", "2", cut).exits(2).err())
        .contains("--retries goes with --rescue");
  }
}
