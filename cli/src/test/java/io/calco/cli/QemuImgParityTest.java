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
        .run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", "demo.qcow2", overlay)
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
  static void requireAll(String where, JsonNode expected, JsonNode found) {
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

  /// Ours may be finer: a hole in the image file is known to read as zeroes within a run of theirs.
  @Test
  void map() {
    for (Path image : images) {
      String format = image.toString().endsWith("raw") ? "raw" : "qcow2";
      JsonNode theirs =
          read(qemuImg.run("map", "--output=json", "-f", format, image).succeeds().out());
      JsonNode ours =
          read(calco("disk", "map", "--output", "json", "-f", format, image).exits(0).out());
      requireSameMap(image.toString(), theirs, ours);
    }
  }

  @Test
  void mapOfAPart() {
    for (Path image : images) {
      String format = image.toString().endsWith("raw") ? "raw" : "qcow2";
      String part = "--start-offset=3M --max-length=5M -f " + format;
      List<Object> words = new ArrayList<>(List.of("map", "--output=json"));
      words.addAll(List.of(part.split(" ")));
      words.add(image);
      JsonNode theirs = read(qemuImg.run(words.toArray()).succeeds().out());
      words.addFirst("disk");
      JsonNode ours = read(calco(words.toArray()).exits(0).out());
      assertThat(start(ours.get(0))).isEqualTo(start(theirs.get(0))).isEqualTo(3L << 20);
      assertThat(end(ours.get(ours.size() - 1)))
          .isEqualTo(end(theirs.get(theirs.size() - 1)))
          .isEqualTo(8L << 20);
    }
    assertThat(
            read(
                calco("disk", "map", "--output=json", "-s", "1P", images.getFirst())
                    .exits(0)
                    .out()))
        .isEmpty();
  }

  /// Amended by each, from the same image: the same header values, found sound by qemu-img.
  @Test
  void amend() throws IOException {
    for (String change :
        List.of("compat=0.10", "lazy_refcounts=on", "refcount_bits=64", "refcount_bits=1")) {
      Path theirs = directory.resolve("theirs.qcow2");
      Path ours = directory.resolve("ours.qcow2");
      qemuImg.run("convert", "-O", "qcow2", images.getFirst(), theirs).succeeds();
      Files.copy(theirs, ours, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      qemuImg.run("amend", "-o", change, theirs).succeeds();
      calco("disk", "amend", "-o", change, ours).exits(0);
      assertThat(specific(ours)).as(change).isEqualTo(specific(theirs));
      qemuImg.run("check", ours).succeeds();
      qemuImg.run("compare", theirs, ours).succeeds();
    }
    Path fixed = directory.resolve("ours.qcow2");
    byte[] before = Files.readAllBytes(fixed);
    for (String change : List.of("cluster_size=4k", "nonsense=1", "compat=7")) {
      qemuImg.run("amend", "-o", change, fixed).exits(1);
      assertThat(calco("disk", "amend", "-o", change, fixed).exit()).as(change).isNotZero();
      assertThat(Files.readAllBytes(fixed)).as(change).isEqualTo(before);
    }
    assertThat(calco("disk", "amend", fixed).exit()).isEqualTo(2);
  }

  private JsonNode specific(Path image) {
    return read(qemuImg.run("info", "--output=json", image).succeeds().out())
        .get("format-specific");
  }

  static void requireSameMap(String where, JsonNode theirs, JsonNode ours) {
    long end = 0;
    for (JsonNode mine : ours) {
      assertThat(start(mine)).isEqualTo(end);
      end = end(mine);
      for (JsonNode run : theirs) {
        if (start(run) < end && end(run) > start(mine)) {
          requireSameRun(where + "\n" + run + "\n" + mine, run, mine);
        }
      }
    }
    assertThat(end).isEqualTo(end(theirs.get(theirs.size() - 1)));
  }

  private static long start(JsonNode run) {
    return run.get("start").asLong();
  }

  private static long end(JsonNode run) {
    return start(run) + run.get("length").asLong();
  }

  private static void requireSameRun(String where, JsonNode theirs, JsonNode mine) {
    for (String field : List.of("depth", "present")) {
      assertThat(mine.get(field)).as(where).isEqualTo(theirs.get(field));
    }
    if (theirs.get("zero").asBoolean()) {
      assertThat(mine.get("zero").asBoolean()).as(where).isTrue();
    }
    assertThat(mine.get("data").asBoolean())
        .as(where)
        .isEqualTo(theirs.get("data").asBoolean() && !mine.get("zero").asBoolean());
    if (theirs.has("offset") && theirs.get("present").asBoolean()) {
      assertThat(mine.get("offset").asLong() - start(mine))
          .as(where)
          .isEqualTo(theirs.get("offset").asLong() - start(theirs));
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
