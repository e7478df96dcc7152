package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What `calco disk` moves from one image to another, beside what qemu-img moves.
class DiskCopyTest {
  @TempDir private Path directory;
  private final Oracle qemuImg = Oracle.named("qemu-img");
  private final Oracle qemuIo = Oracle.named("qemu-io");
  private Path base;
  private Path middle;
  private Path top;

  @BeforeEach
  void makeChain() {
    base = file("base.qcow2");
    middle = file("middle.qcow2");
    top = file("top.qcow2");
    qemuImg.run("create", "-f", "qcow2", base, "8M").succeeds();
    qemuIo.run("-c", "write -P 1 0 8M", base).succeeds();
    // A smaller image between: what is above does not see the base through its end.
    overlay(middle, "base.qcow2", "4M");
    qemuIo.run("-c", "write -P 2 1M 2M", middle).succeeds();
    overlay(top, "middle.qcow2", "6M");
    qemuIo.run("-c", "write -P 3 2M 64k", "-c", "write -z 0 128k", top).succeeds();
  }

  private void overlay(Path image, String below, String size) {
    qemuImg.run("create", "-f", "qcow2", "-F", "qcow2", "-b", below, image, size).succeeds();
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  @Test
  void commitsIntoADeeperBase() {
    Path before = file("before.raw");
    qemuImg.run("convert", "-O", "raw", top, before).succeeds();
    calco("disk", "commit", "-b", base, top).exits(0);
    Path after = file("after.raw");
    calco("disk", "convert", "-O", "raw", base, after).exits(0);
    qemuImg.run("resize", "-f", "raw", "--shrink", after, "6M").succeeds();
    qemuImg.run("compare", before, after).succeeds();
    qemuImg.run("compare", top, before).succeeds();
    qemuImg.run("check", base).succeeds();
  }

  @Test
  void commitsNowhereElse() throws IOException {
    byte[] before = Files.readAllBytes(base);
    Path stranger = file("stranger.qcow2");
    qemuImg.run("create", "-f", "qcow2", stranger, "8M").succeeds();
    assertThat(calco("disk", "commit", "-b", stranger, top).exit()).isNotZero();
    assertThat(Files.readAllBytes(base)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-c"})
  void copiesBitmaps(String compress) {
    Path source = file("source.qcow2");
    qemuImg.run("create", "-f", "qcow2", source, "8M").succeeds();
    for (String name : List.of("recording", "resting")) {
      qemuImg.run("bitmap", "--add", "-g", "128k", source, name).succeeds();
    }
    qemuIo.run("-c", "write -P 4 1M 1M", source).succeeds();
    qemuImg.run("bitmap", "--disable", source, "resting").succeeds();
    Path theirs = file("theirs.qcow2");
    Path ours = file("ours.qcow2");
    qemuImg.run("convert", "-O", "qcow2", "--bitmaps", source, theirs).succeeds();
    List<Object> words = new ArrayList<>(List.of("disk", "convert", "-O", "qcow2", "--bitmaps"));
    if (!compress.isEmpty()) {
      words.add(compress);
    }
    words.addAll(List.of(source, ours));
    calco(words.toArray()).exits(0);
    assertThat(bitmaps(ours)).isNotNull().isEqualTo(bitmaps(theirs));
    qemuImg.run("check", ours).succeeds();
    qemuImg.run("compare", source, ours).succeeds();
    assertThat(calco("disk", "convert", "-O", "raw", "--bitmaps", source, file("r")).exit())
        .isNotZero();
    assertThat(Files.exists(file("r"))).isFalse();
  }

  private JsonNode bitmaps(Path image) {
    return new ObjectMapper()
        .readTree(qemuImg.run("info", "--output=json", image).succeeds().out())
        .at("/format-specific/data/bitmaps");
  }

  @Test
  void readsNoFasterThanAsked() {
    Path source = file("source.raw");
    qemuImg.run("create", "-f", "raw", source, "64M").succeeds();
    qemuIo.run("-f", "raw", "-c", "write -P 5 0 4M", source).succeeds();
    long begun = System.nanoTime();
    calco("disk", "convert", "-f", "raw", "-r", "10M", source, file("copy.raw")).exits(0);
    // The first piece has no need to wait.
    assertThat(System.nanoTime() - begun).isGreaterThan(200_000_000L);
    qemuImg.run("compare", source, file("copy.raw")).succeeds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2"})
  void setsSpaceAsideForWhatIsAdded(String format) throws IOException {
    Path image = file("grown");
    qemuImg.run("create", "-f", format, image, "1M").succeeds();
    calco("disk", "resize", "-f", format, "--preallocation", "falloc", image, "+8M").exits(0);
    JsonNode info = new ObjectMapper().readTree(qemuImg.run("info", "--output=json", image).out());
    assertThat(info.get("virtual-size").asLong()).isEqualTo(9 << 20);
    assertThat(info.get("actual-size").asLong()).isGreaterThanOrEqualTo(8 << 20);
    if (format.equals("qcow2")) {
      qemuImg.run("check", image).succeeds();
    }
  }

  /// QEMU says by these bytes' locks that it writes the image.
  @Test
  void readsWhatIsWrittenWhenTold() throws IOException, InterruptedException {
    Path image = file("busy.raw");
    qemuImg.run("create", "-f", "raw", image, "1M").succeeds();
    Process writer =
        new ProcessBuilder("qemu-io", "-f", "raw", image.toString())
            .redirectErrorStream(true)
            .start();
    try (var lines = writer.inputReader()) {
      // Its prompt: the image is open, and locked.
      while (lines.read() != '>') {}
      assertThat(calco("disk", "map", "-f", "raw", image).exit()).isNotZero();
      calco("disk", "map", "-U", "-f", "raw", image).exits(0);
      calco("disk", "compare", "-U", "-f", "raw", "-F", "raw", image, image).exits(0);
      assertThat(calco("disk", "resize", "-U", "-f", "raw", image, "2M").exit()).isNotZero();
    } finally {
      writer.getOutputStream().close();
      writer.waitFor();
    }
  }
}
