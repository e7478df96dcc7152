package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Backups that go on from a dirty bitmap in the image, which QEMU's own tools write to.
class BackupBitmapTest {
  private static final int AUTOCLEAR = 88;

  /// What is read again before an end of nothing: the disk may have been cut there, and have grown.
  private static final long END = 2L << 20;

  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path image = Path.of("");

  @BeforeEach
  void makeThem() {
    repo = directory.resolve("repo");
    image = directory.resolve("disk.qcow2");
    calco("repo", "init", repo).exits(0);
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", image, "64M").succeeds();
    write("write -P 0x5a 0 24M", "write -P 0xa5 40M 8M");
  }

  private void write(String... commands) {
    List<Object> words = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      words.add("-c");
      words.add(command);
    }
    words.add(image);
    Oracle.named("qemu-io").run(words.toArray()).succeeds();
  }

  private JsonNode backUp(Object... more) throws IOException {
    List<Object> words =
        new ArrayList<>(List.of("backup", "create", "--output", "json", "--repo", repo));
    words.addAll(List.of(more));
    words.add(image);
    JsonNode work = new ObjectMapper().readTree(calco(words.toArray()).exits(0).out()).get("work");
    Path back = directory.resolve("back.img");
    calco("restore", "--repo", repo, "latest", back).exits(0);
    Oracle.named("qemu-img").run("compare", "-f", "qcow2", "-F", "raw", image, back).succeeds();
    Files.delete(back);
    return work;
  }

  private static long read(JsonNode work) {
    return work.get("data").asLong() - work.path("known").asLong(0);
  }

  private List<String> bitmaps() throws IOException {
    JsonNode info =
        new ObjectMapper()
            .readTree(
                Oracle.named("qemu-img").run("info", "--output", "json", image).succeeds().out());
    JsonNode all = info.at("/format-specific/data/bitmaps");
    return StreamSupport.stream(all.spliterator(), false)
        .map(one -> one.get("name").asString())
        .toList();
  }

  @Test
  void onlyWhatWasWrittenIsRead() throws IOException {
    JsonNode first = backUp("--bitmap");
    assertThat(first.has("known")).isFalse();
    assertThat(bitmaps()).singleElement().asString().startsWith("calco-");
    List<String> before = bitmaps();

    JsonNode same = backUp("--bitmap");
    assertThat(read(same)).isEqualTo(END);
    assertThat(same.get("data")).isEqualTo(first.get("data"));
    assertThat(same.get("stored").asLong()).isZero();
    assertThat(bitmaps()).hasSize(1).doesNotContainAnyElementsOf(before);

    write("write -P 0x11 1M 64k", "write -z 41M 1M", "write -P 0x12 60M 64k", "discard 8M 1M");
    JsonNode changed = backUp(); // goes on from the bitmap, and leaves it as it is
    assertThat(read(changed)).isBetween(END + 1, END + (6L << 20));
    List<String> kept = bitmaps();
    write("write -P 0x13 2M 64k");
    assertThat(read(backUp())).isBetween(END + 1, END + (6L << 20));
    assertThat(bitmaps()).isEqualTo(kept);
    assertThat(Oracle.named("qemu-img").run("check", image).succeeds().out()).contains("No errors");
  }

  @Test
  void whatMayHaveBeenBypassedIsReadInFull() throws IOException {
    backUp("--bitmap");
    Oracle.named("qemu-io")
        .run("-f", "qcow2", "-c", "write -P 0x21 3M 64k", "-c", "flush", "-c", "abort", image);
    assertThat(bitmaps()).hasSize(1); // left marked as in use
    assertThat(backUp("--bitmap").has("known")).isFalse();
    assertThat(read(backUp("--bitmap"))).isEqualTo(END);

    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(AUTOCLEAR); // as a program leaves it that does not know bitmaps
      file.writeLong(0);
    }
    assertThat(backUp().has("known")).isFalse();
  }

  @Test
  void anImageElsewhereOrAnotherRepositoryIsReadInFull() throws IOException {
    backUp("--bitmap");
    Path first = repo;
    repo = directory.resolve("second");
    calco("repo", "init", repo).exits(0);
    assertThat(backUp("--bitmap").has("known")).isFalse();
    assertThat(bitmaps()).hasSize(2);
    repo = first;
    assertThat(read(backUp("--bitmap"))).isEqualTo(END);
    assertThat(bitmaps()).hasSize(2);

    image = Files.copy(image, directory.resolve("copy.qcow2"));
    assertThat(backUp().has("known")).isFalse();
  }

  @Test
  void whatHasNoBitmapsIsRefused() throws IOException {
    Path raw = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
    assertThat(calco("backup", "create", "--repo", repo, "--bitmap", raw).exits(7).err())
        .contains("raw images have no dirty bitmaps; qcow2 images do");
    assertThat(
            calco("backup", "create", "--repo", repo, "--bitmap", image, "--partition", "9")
                .exits(2)
                .err())
        .contains("there is no partition 9");
    assertThat(bitmaps()).isEmpty();
  }
}
