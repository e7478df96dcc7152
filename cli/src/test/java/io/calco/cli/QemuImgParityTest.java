package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.cli.Command.Answer;
import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco disk` answers what qemu-img answers to the same words, field by field.
class QemuImgParityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final Oracle qemuImg = Oracle.named("qemu-img");
  private final List<Path> images = new ArrayList<>();

  @BeforeEach
  void makeImages() throws IOException {
    Path demo = directory.resolve("demo.qcow2");
    DemoDisk.unpack(demo);
    images.add(demo);
    List<String> kinds =
        List.of(
            "raw",
            "qcow2",
            "qcow2 -o compat=0.10",
            "qcow2 -o cluster_size=4k,refcount_bits=1",
            "qcow2 -o cluster_size=2M,lazy_refcounts=on",
            "qcow2 -o extended_l2=on,cluster_size=128k",
            "qcow2 -c",
            "qcow2 -c -o compression_type=zstd");
    for (String kind : kinds) {
      Path image = directory.resolve("image-%d.%s".formatted(images.size(), kind.split(" ", 2)[0]));
      List<Object> words = new ArrayList<>(List.of("convert", "-O"));
      words.addAll(List.of(kind.split(" ")));
      words.addAll(List.of(demo, image));
      qemuImg.run(words.toArray()).succeeds();
      images.add(image);
    }
    Path overlay = directory.resolve("overlay.qcow2");
    qemuImg
        .run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "demo.qcow2", overlay, "200M")
        .succeeds();
    Oracle.named("qemu-io")
        .run("-c", "write -P 7 3M 1M", "-c", "write -z 20M 2M", "-c", "discard 30M 2M", overlay)
        .succeeds();
    qemuImg.run("snapshot", "-c", "before", overlay).succeeds();
    Oracle.named("qemu-io").run("-c", "write -P 9 3M 64k", overlay).succeeds();
    images.add(overlay);
  }

  private static JsonNode read(String text) {
    return JSON.readTree(text);
  }

  /// Everything that qemu-img tells is told, with the same value.
  private static void requireAll(String where, JsonNode expected, JsonNode found) {
    assertThat(found).as(where).isNotNull();
    switch (expected.getNodeType()) {
      case OBJECT -> {
        for (Map.Entry<String, JsonNode> field : expected.properties()) {
          // QEMU's own nodes behind the image.
          if (!field.getKey().equals("children")) {
            requireAll(where + "/" + field.getKey(), field.getValue(), found.get(field.getKey()));
          }
        }
      }
      case ARRAY -> {
        assertThat(found.size()).as(where).isEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
          requireAll(where + "/" + i, expected.get(i), found.get(i));
        }
      }
      default -> assertThat(found).as(where).isEqualTo(expected);
    }
  }

  @Test
  void info() {
    for (Path image : images) {
      for (List<String> flags : List.of(List.<String>of(), List.of("--backing-chain"))) {
        List<Object> theirs = new ArrayList<>(List.of("info", "--output=json"));
        theirs.addAll(flags);
        theirs.add(image);
        List<Object> ours = new ArrayList<>(List.of("disk", "info", "--output", "json"));
        ours.addAll(flags);
        ours.add(image);
        requireAll(
            image.getFileName().toString(),
            read(qemuImg.run(theirs.toArray()).succeeds().out()),
            read(calco(ours.toArray()).exits(0).out()));
      }
    }
  }

  @Test
  void map() {
    for (Path image : images) {
      String format = image.toString().endsWith("raw") ? "raw" : "qcow2";
      JsonNode theirs =
          read(qemuImg.run("map", "--output=json", "-f", format, image).succeeds().out());
      JsonNode ours =
          read(calco("disk", "map", "--output", "json", "-f", format, image).exits(0).out());
      requireAll(image.getFileName().toString(), theirs, ours);
    }
  }

  @Test
  void check() throws IOException {
    for (Path image : images) {
      if (image.toString().endsWith("raw")) {
        qemuImg.run("check", "-f", "raw", image).exits(63);
        assertThat(calco("disk", "check", "-f", "raw", image).exit()).isEqualTo(63);
        continue;
      }
      requireAll(
          image.getFileName().toString(),
          read(qemuImg.run("check", "--output=json", image).succeeds().out()),
          read(calco("disk", "check", "--output", "json", image).exits(0).out()));
    }
    // An entry of the first refcount block that says 2 or 0 where 1 is true: a leak, an error.
    for (int count : new int[] {2, 0}) {
      Path image = directory.resolve("bad-%d.qcow2".formatted(count));
      qemuImg.run("convert", "-O", "qcow2", images.getFirst(), image).succeeds();
      byte[] bytes = Files.readAllBytes(image);
      int block = 0x20000;
      bytes[block + 2 * 6 + 1] = (byte) count;
      Files.write(image, bytes);
      Oracle.Run theirs = qemuImg.run("check", "--output=json", image);
      Answer ours = calco("disk", "check", "--output", "json", image);
      assertThat(ours.exit()).as(theirs + "\n" + ours).isEqualTo(theirs.exit());
      assertThat(theirs.exit()).isNotZero();
      requireAll(image.getFileName().toString(), read(theirs.out()), read(ours.out()));
    }
  }

  @Test
  void compare() {
    Path demo = images.getFirst();
    for (Path image : images) {
      Oracle.Run theirs = qemuImg.run("compare", demo, image);
      Answer ours = calco("disk", "compare", demo, image);
      assertThat(ours.exit()).as(theirs + "\n" + ours).isEqualTo(theirs.exit());
      assertThat(ours.out()).isEqualTo(theirs.out());
    }
    qemuImg.run("compare", demo, directory.resolve("missing")).exits(2);
    assertThat(calco("disk", "compare", demo, directory.resolve("missing")).exit()).isEqualTo(2);
  }
}
