package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco disk info` of what is no machine's disk: discs, and machine images in three files.
class ContentTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path dir;

  private static JsonNode info(Path file) {
    return JSON.readTree(calco("disk", "info", "--output", "json", file).exits(0).out());
  }

  /// A disc that starts by BIOS and UEFI, from a stick as well.
  private Path disc() throws IOException {
    Path tree = Files.createDirectory(dir.resolve("tree"));
    Files.write(tree.resolve("bios.img"), new byte[2048]);
    Files.write(tree.resolve("efi.img"), new byte[65_536]);
    Path disc = dir.resolve("disc.iso");
    Oracle.named("xorriso")
        .run(
            "-as",
            "mkisofs",
            "-quiet",
            "-V",
            "CALCO TEST",
            "-J",
            "-R",
            "-o",
            disc,
            "-b",
            "bios.img",
            "-no-emul-boot",
            "-eltorito-alt-boot",
            "-e",
            "efi.img",
            "-no-emul-boot",
            "-append_partition",
            "2",
            "0xef",
            tree.resolve("efi.img"),
            tree)
        .succeeds();
    return disc;
  }

  @Test
  void tellsOfADisc() throws IOException {
    Path disc = disc();
    String out = calco("disk", "info", disc).exits(0).out();
    assertThat(out)
        .contains("file format: raw\n")
        .contains("content: ISO 9660 disc \"CALCO TEST\"\n")
        .contains("    boots: BIOS, UEFI\n")
        .contains("    hybrid, also has: MBR\n")
        .contains("    also readable as: Joliet, Rock Ridge\n")
        .doesNotContain("missing");
    JsonNode content = info(disc).get("content");
    assertThat(content.get("type").asString()).isEqualTo("iso9660");
    assertThat(content.get("label").asString()).isEqualTo("CALCO TEST");
    assertThat(content.get("boots").toString()).isEqualTo("[\"BIOS\",\"UEFI\"]");
    assertThat(content.get("tables").toString()).isEqualTo("[\"MBR\"]");
  }

  @Test
  void tellsOfADiscThatIsCutOrPacked() throws IOException {
    byte[] whole = Files.readAllBytes(disc());
    Path cut = Files.write(dir.resolve("cut.iso"), Arrays.copyOf(whole, 100 << 10));
    assertThat(calco("disk", "info", cut).exits(0).out()).contains("    missing at the end: ");
    Oracle.named("gzip").run(cut).succeeds();
    JsonNode packed = info(dir.resolve("cut.iso.gz"));
    assertThat(packed.get("packed-in").toString()).isEqualTo("[\"gz\"]");
    assertThat(packed.get("content").get("label").asString()).isEqualTo("CALCO TEST");
  }

  /// Scripts that read qemu-img's answer read this one: what is added has names of its own.
  @Test
  void keepsTheShapeOfQemuImgsAnswer() throws IOException {
    Path disc = disc();
    Oracle.Run run = Oracle.named("qemu-img").run("info", "--output", "json", disc).succeeds();
    JsonNode theirs = JSON.readTree(run.out());
    JsonNode ours = info(disc);
    for (String field : theirs.propertyNames()) {
      assertThat(ours.get(field)).as(field).isEqualTo(theirs.get(field));
    }
  }

  private Path triple() throws IOException {
    Path triple = Files.createDirectory(dir.resolve("triple"));
    Path image = triple.resolve("tty.img");
    Files.write(image, new byte[1 << 20]);
    Oracle.named("mke2fs").run("-q", "-F", image).succeeds();
    byte[] kernel = new byte[4096];
    kernel[0x1fe] = 0x55;
    kernel[0x1ff] = (byte) 0xaa;
    System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, kernel, 0x202, 4);
    kernel[0x20f] = 4;
    byte[] version = "5.4.0-tty (build)".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(version, 0, kernel, 0x600, version.length);
    Files.write(triple.resolve("tty-vmlinuz"), kernel);
    Files.writeString(triple.resolve("tty-initrd"), "070701" + "0".repeat(5000));
    Oracle.named("gzip").run(triple.resolve("tty-initrd")).succeeds();
    return triple;
  }

  @Test
  void tellsOfAMachineImageInThreeFiles() throws IOException {
    Path triple = triple();
    String machine =
        """
        machine image: tty
            KIND  FILE           SIZE   CONTENT
            ami   tty.img        1 MiB  ext
            aki   tty-vmlinuz    4 KiB  bzImage 5.4.0-tty
            ari   tty-initrd.gz  # B   gz cpio
        """;
    assertThat(masked(calco("disk", "info", triple).exits(0).out()))
        .isEqualTo("directory: " + triple + "\n" + machine);
    for (String file : new String[] {"tty.img", "tty-vmlinuz", "tty-initrd.gz"}) {
      Path path = triple.resolve(file);
      assertThat(masked(calco("disk", "info", path).exits(0).out())).contains(machine);
      assertThat(info(path).get("machine-image").get("files")).hasSize(3);
    }
    JsonNode all = info(triple).get("machine-images");
    assertThat(all.get(0).get("name").asString()).isEqualTo("tty");
    assertThat(all.get(0).get("files").get(1).get("kind").asString()).isEqualTo("aki");
  }

  private static String masked(String text) {
    return text.replaceAll("\\d+ B ", "# B ");
  }

  @Test
  void saysThatADirectoryHoldsNone() {
    assertThat(calco("disk", "info", dir).exit()).isNotZero();
    assertThat(calco("disk", "info", dir).err()).contains("holds no machine image");
  }
}
