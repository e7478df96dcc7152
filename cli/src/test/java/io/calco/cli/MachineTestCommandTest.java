package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.LibvirtServer;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Machines of one sector, and of a disk without a boot loader, whose firmware alone is heard.
@Timeout(600)
class MachineTestCommandTest {
  private static final int TEXT = 32;

  @TempDir private Path directory;
  private Path raw = Path.of("disk.raw");

  @BeforeEach
  void make() throws IOException {
    Oracle.named("qemu-system-x86_64");
    raw = Files.write(directory.resolve("disk.raw"), printing("calco is up"));
  }

  @AfterEach
  void unlock() {
    Command.unlock(directory);
  }

  /// Prints by the BIOS, on the screen, and halts.
  private static byte[] printing(String text) {
    byte[] disk = new byte[1 << 20];
    byte[] program = HexFormat.of().parseHex("31c08ed8be207cfcac84c07409b40ebb0700cd10ebf2f4ebfd");
    byte[] letters = (text + "\0").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(program, 0, disk, 0, program.length);
    System.arraycopy(letters, 0, disk, TEXT, letters.length);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    return disk;
  }

  private Command.Answer test(Object... words) {
    List<Object> all = new ArrayList<>(List.of("machine", "test", "--accelerator", "tcg"));
    all.addAll(List.of("--memory", "64M"));
    all.addAll(List.of("--home", directory.resolve("home")));
    all.addAll(Arrays.asList(words));
    return calco(all.toArray());
  }

  @Test
  void aDiskIsBootedByTextAndByPicture() throws IOException {
    Path picture = directory.resolve("up.png");
    Command.Answer up = test(raw, "--wait-for", "text:calco is up", "--picture", picture).exits(0);
    assertThat(up.out()).startsWith(raw + ": booted: the text \"calco is up\" in ");
    assertThat(up.err()).contains("emulated");
    assertThat(Files.readAllBytes(raw)).isEqualTo(printing("calco is up"));

    assertThat(test(raw, "--expect-picture", picture).exits(0).out())
        .contains("booted: a screen like " + picture);
    Path other = Files.write(directory.resolve("other.raw"), printing("somebody else is"));
    assertThat(
            test(other, "--expect-picture", picture, "--timeout", "8s", "--output", "json")
                .exits(ExitCode.NO)
                .out())
        .satisfies(text -> {
          JsonNode answer = new ObjectMapper().readTree(text);
          assertThat(answer.get("reached").asBoolean()).isFalse();
          assertThat(answer.get("what").asString())
              .isEqualTo("no screen like " + picture + " in 8 s");
          assertThat(answer.get("accelerator").asString()).isEqualTo("tcg");
          assertThat(answer.get("source").asString()).isEqualTo(other.toString());
        });
    Path empty = Files.write(directory.resolve("empty.raw"), new byte[1 << 20]);
    assertThat(test("-f", "raw", empty).exits(ExitCode.NO).out())
        .contains("  | ", "NOT BOOTED: the guest says: No bootable device");
  }

  @Test
  void restorePointsAreBootedWithoutARecord() {
    Path repository = directory.resolve("repository");
    calco("repo", "init", repository).exits(0);
    calco("backup", "create", "--repo", repository, "--raw", "--no-inspect", raw).exits(0);
    test("--repo", repository, "latest", "--wait-for", "text:calco is up").exits(0);
    assertThat(calco("backup", "list", "--repo", repository).exits(0).out())
        .doesNotContain("validated");
  }

  @Test
  void whatTheCatalogueAndLibvirtHaveIsBooted() throws IOException {
    Path disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    Object home = directory.resolve("home");
    calco("template", "create", disk, "--name", "demo", "--home", home).exits(0);
    calco("clone", "create", "demo", "web1", "--home", home).exits(0);
    calco("image", "import", disk, "--name", "demo:1", "--home", home).exits(0);
    for (String name : List.of("demo", "web1", "image:demo:1")) {
      assertThat(test(name, "--firmware", "bios", "--wait-for", "text:SeaBIOS").exits(0).out())
          .startsWith(name + ": booted: the text \"SeaBIOS\" in ");
    }
    Path place = Files.createDirectory(directory.resolve("libvirt"));
    try (LibvirtServer server = LibvirtServer.start(place)) {
      List<Object> words = new ArrayList<>(List.of("machine", "define", raw, "--name", "vm"));
      words.addAll(List.of("--memory", "64M", "--network", "none", "--accelerator", "tcg"));
      words.addAll(List.of("--connect", server.uri(), "--home", home));
      calco(words.toArray()).exits(0);
      test("vm", "--connect", server.uri(), "--wait-for", "text:calco is up").exits(0);
      server.virsh("start", "vm").succeeds();
      assertThat(test("vm", "--connect", server.uri()).exits(ExitCode.REFUSED).err())
          .contains("machine vm is running, and its disk changes");
      assertThat(test("none", "--connect", server.uri()).exits(ExitCode.NOT_FOUND).err())
          .contains("neither a file nor a template, a clone or a machine");
    }
  }

  @Test
  void wordsThatCannotBeMeantAreRefused() throws IOException {
    test(raw, "--wait-for", "agent", "--expect-picture", raw).exits(ExitCode.USAGE);
    assertThat(test(raw, "--expect-picture", raw).err()).contains("disk.raw: it is no PNG picture");
    test(raw, "--timeout", "soon").exits(ExitCode.USAGE);
    test(raw, "--memory", "1").exits(ExitCode.USAGE);
  }
}
