package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco disk create`, its layouts measured against those that qemu-img makes.
class DiskCreateTest {
  /// What file systems round a file's blocks up to, and one qcow2 table more or less.
  private static final long TOLERANCE = 256 << 10;

  @TempDir private Path directory;
  private final Oracle qemuImg = Oracle.named("qemu-img");

  private Path file(String name) {
    return directory.resolve(name);
  }

  private JsonNode info(Path image) {
    return new ObjectMapper()
        .readTree(qemuImg.run("info", "--output=json", image).succeeds().out());
  }

  private static long number(JsonNode info, String field) {
    return info.get(field).asLong();
  }

  @ParameterizedTest
  @CsvSource({
    "raw, off",
    "raw, falloc",
    "raw, full",
    "qcow2, off",
    "qcow2, metadata",
    "qcow2, falloc",
    "qcow2, full",
  })
  void preallocates(String format, String mode) {
    Path theirs = file("theirs");
    Path ours = file("ours");
    String option = "preallocation=" + mode;
    qemuImg.run("create", "-f", format, "-o", option, theirs, "8M").succeeds();
    calco("disk", "create", "-f", format, "-o", option, ours, "8M").exits(0);
    JsonNode expected = info(theirs);
    JsonNode made = info(ours);
    assertThat(made.get("format")).isEqualTo(expected.get("format"));
    assertThat(made.get("virtual-size")).isEqualTo(expected.get("virtual-size"));
    assertThat(Math.abs(number(made, "actual-size") - number(expected, "actual-size")))
        .as("%s, qemu-img's %s", made, expected)
        .isLessThan(TOLERANCE);
    if (format.equals("qcow2")) {
      qemuImg.run("check", ours).succeeds();
    }
    qemuImg.run("compare", theirs, ours).succeeds();
  }

  @Test
  void convertsIntoAPreallocatedImage() {
    Path source = file("source.raw");
    qemuImg.run("create", "-f", "raw", source, "8M").succeeds();
    Oracle.named("qemu-io").run("-f", "raw", "-c", "write -P 5 1M 1M", source).succeeds();
    Path made = file("made.qcow2");
    calco("disk", "convert", "-O", "qcow2", "-o", "preallocation=falloc", source, made).exits(0);
    assertThat(number(info(made), "actual-size")).isGreaterThanOrEqualTo(8 << 20);
    qemuImg.run("check", made).succeeds();
    qemuImg.run("compare", source, made).succeeds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vmdk", "vpc", "vhdx", "luks"})
  void tellsAFormatsOptions(String format) {
    String listed = calco("disk", "create", "-f", format, "-o", "help").exits(0).out();
    assertThat(listed.lines()).isNotEmpty().allMatch(line -> line.matches("[a-z0-9_.-]+ +\\S.*"));
    assertThat(calco("disk", "convert", "-O", format, "-o", "help").exits(0).out())
        .isEqualTo(listed);
    String json =
        calco("disk", "create", "-f", format, "-o", "help", "--output", "json").exits(0).out();
    assertThat(new ObjectMapper().readTree(json).size()).isEqualTo((int) listed.lines().count());
  }

  @Test
  void tellsWhatCanBeAmended() {
    assertThat(calco("disk", "amend", "-f", "qcow2", "-o", "help").exits(0).out())
        .contains("compat", "refcount_bits")
        .doesNotContain("cluster_size");
    assertThat(calco("disk", "amend", "-f", "raw", "-o", "help").exits(0).out())
        .isEqualTo("raw has no options here.\n");
  }

  @Test
  void looksForTheBackingImageUnlessTold() throws IOException {
    Path overlay = file("overlay.qcow2");
    List<Object> words =
        List.of("disk", "create", "-f", "qcow2", "-b", "later.qcow2", "-F", "qcow2", overlay, "1M");
    assertThat(calco(words.toArray()).exit()).isNotZero();
    assertThat(Files.exists(overlay)).isFalse();
    calco("disk", "create", "-u", "-f", "qcow2", "-b", "later.qcow2", "-F", "qcow2", overlay, "1M")
        .exits(0);
    assertThat(info(overlay).get("backing-filename").asString()).isEqualTo("later.qcow2");
    assertThat(
            calco("disk", "create", "-u", "-f", "qcow2", "-b", "l", "-F", "qcow2", overlay).exit())
        .isEqualTo(2);
  }

  /// As scripts written for qemu-img have it.
  @Test
  void takesSizeAndBackingAmongTheOptions() {
    calco("disk", "create", "-f", "qcow2", "-o", "size=1M", file("base.qcow2")).exits(0);
    calco(
            "disk",
            "create",
            "-f",
            "qcow2",
            "-o",
            "backing_file=base.qcow2,backing_fmt=qcow2",
            file("overlay.qcow2"))
        .exits(0);
    JsonNode info = info(file("overlay.qcow2"));
    assertThat(number(info, "virtual-size")).isEqualTo(1 << 20);
    assertThat(info.get("backing-filename").asString()).isEqualTo("base.qcow2");
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(calco("disk", "create", "-f", "qcow2").exits(2).err()).contains("FILE");
    assertThat(calco("disk", "convert", "-O", "qcow2", "one").exits(2).err())
        .contains("SOURCE… TARGET");
  }
}
