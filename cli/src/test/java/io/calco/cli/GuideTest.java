package io.calco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The guides stay true: the lines `$ ./calco …` of each guide's blocks ` ```console demo `
/// succeed, one after another, on the demo's disk. What follows a ` | ` is for other programs and
/// left out. Blocks that are only ` ```console ` need another machine, or show a refusal.
class GuideTest {
  private static final String BLOCK = "```console demo";
  private static final String PROMPT = "$ ./calco ";
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOmvClua/z/ly9JqMuZCgXK8r9EW4nyxxDG5Cm01oIZD ana@laptop\n";

  @TempDir private Path work;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/guide/templates-and-clones.md",
        "docs/guide/images.md",
        "docs/guide/scripts.md",
        "docs/guia/plantillas-y-clones.md",
        "docs/guia/imagenes.md",
        "docs/guia/guiones.md"
      })
  void saysWhatWorks(String guide) throws IOException {
    Path home = work.resolve("home");
    List<String> commands =
        commands(Files.readAllLines(Shared.repository().resolve(guide))).stream()
            .map(command -> command.replace("/var/lib/calco", home.toString()))
            .toList();
    assertThat(commands).isNotEmpty().noneMatch(command -> command.matches(".*['\"\\\\$~].*"));
    layOut();
    Files.write(work.resolve("commands"), commands);

    Oracle.Run run =
        Oracle.named("env")
            .run(
                Map.of("CALCO_HOME", home.toString()),
                "-C",
                work,
                Path.of(System.getProperty("java.home"), "bin/java"),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Training.class.getName(),
                "commands")
            .succeeds();
    unseal(home);

    assertThat(run.err()).isEmpty();
  }

  private static List<String> commands(List<String> guide) {
    List<String> commands = new ArrayList<>();
    boolean inside = false;
    for (String line : guide) {
      if (line.startsWith("```")) {
        inside = line.equals(BLOCK);
      } else if (inside && line.startsWith(PROMPT)) {
        commands.add(line.substring(PROMPT.length()).replaceFirst(" \\| .*", ""));
      }
    }
    return commands;
  }

  /// The files that the guides' reader has.
  private void layOut() throws IOException {
    DemoDisk.unpack(work.resolve("vm.qcow2"));
    Files.writeString(work.resolve("id_ed25519.pub"), KEY);
    Files.writeString(work.resolve("seed.txt"), "thirty-two characters that are secret\n");
    Files.createDirectory(work.resolve("lab"));
  }

  /// An immutable file would outlive the directory.
  private static void unseal(Path home) {
    Oracle.find("chattr").ifPresent(chattr -> chattr.run("-R", "-f", "-i", home));
  }
}
