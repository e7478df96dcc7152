package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.cli.Command.Answer;
import io.calco.engine.DemoDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `calco clonezilla`: what scripts see of it. The guide shows the rest.
class ClonezillaCommandTest {
  @TempDir private static Path directory;

  private static Path vm;
  private static Path image;

  @BeforeAll
  static void save() throws IOException {
    vm = directory.resolve("vm.qcow2");
    image = directory.resolve("web1");
    DemoDisk.unpack(vm);
    calco("clonezilla", "create", "--quiet", vm, image).exits(0);
  }

  private static JsonNode json(Answer answer) {
    return JsonMapper.shared().readTree(answer.exits(0).out());
  }

  @Test
  void tellsScripts() {
    JsonNode shown = json(calco("clonezilla", "show", "--output", "json", image));
    assertThat(shown.at("/disks/0/name").asString()).isEqualTo("sda");
    assertThat(shown.at("/disks/0/size").asLong()).isEqualTo(128L << 20);
    assertThat(shown.at("/disks/0/table").asString()).isEqualTo("gpt");
    assertThat(shown.at("/disks/0/partitions/2/content").asString()).isEqualTo("used-blocks");
    assertThat(shown.at("/disks/0/partitions/2/file-system").asString()).isEqualTo("ext4");
    assertThat(shown.at("/disks/0/partitions/2/compression").asString()).isEqualTo("zst");
    JsonNode listed = json(calco("clonezilla", "list", "--output", "json", directory));
    assertThat(listed.at("/0/directory").asString()).isEqualTo(image.toString());
    JsonNode verified = json(calco("clonezilla", "verify", "--output", "json", image));
    assertThat(verified.at("/sound").asBoolean()).isTrue();
    JsonNode plan =
        json(calco("clonezilla", "create", "--output", "json", "--dry-run", vm, "nowhere"));
    assertThat(plan.at("/items/2/device").asString()).isEqualTo("sda3");
    assertThat(plan.at("/items/0/content").asString()).isEqualTo("all-bytes");
    assertThat(plan.at("/remarks").size()).isEqualTo(2);
  }

  @Test
  void refusesInOneLine() {
    assertThat(calco("clonezilla", "create", vm, image).exits(ExitCode.REFUSED).err())
        .contains("exists already");
    assertThat(
            calco("clonezilla", "create", "--disk-name", "../sda", vm, "x")
                .exits(ExitCode.USAGE)
                .err())
        .contains("--disk-name ../sda: is no name of a disk");
    assertThat(calco("clonezilla", "show", directory).exits(ExitCode.UNSUPPORTED).err())
        .contains("is no Clonezilla image");
    calco("clonezilla", "show", directory.resolve("gone")).exits(ExitCode.NOT_FOUND);
    assertThat(calco("disk", "resize", image, "+1G").exits(ExitCode.UNSUPPORTED).err())
        .contains("a clonezilla directory is only read");
    assertThat(calco("disk", "info", image + "#sdz").exits(ExitCode.UNSUPPORTED).err())
        .contains("no disk or partition \"sdz\" is in this image; its disks: sda");
  }

  @Test
  void namesWhatIsBroken() throws IOException {
    Path broken = directory.resolve("broken");
    calco("clonezilla", "create", "--quiet", "--compress", "uncomp", vm, broken).exits(0);
    Path file = broken.resolve("sda3.ext4-ptcl-img.uncomp");
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(bytes.length() / 2);
      int old = bytes.read();
      bytes.seek(bytes.length() / 2);
      bytes.write(old ^ 4);
    }
    String told = calco("clonezilla", "verify", broken).exits(ExitCode.CORRUPT).out();
    assertThat(told)
        .contains("sda3.ext4-ptcl-img.uncomp: found the sum ")
        .contains("sda3.ext4-ptcl-img.uncomp: blocks ")
        .endsWith("3 contents, 18 files with MD5SUMS: 2 findings.\n");
  }
}
