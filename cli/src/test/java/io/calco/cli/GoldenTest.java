package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What commands print, word for word, in `src/test/golden`; what differs from run to run is
/// masked.
///
/// `-Dcalco.golden=write` writes the files anew: look at the difference before it is committed.
class GoldenTest {
  private static final Path GOLDEN = Shared.repository().resolve("cli/src/test/golden");

  @TempDir private Path directory;
  private final Locale locale = Locale.getDefault();
  private Path home;

  @BeforeEach
  void open() throws IOException {
    Locale.setDefault(Locale.ROOT);
    home = directory.resolve("home");
    DemoDisk.unpack(directory.resolve("vm.qcow2"));
  }

  @AfterEach
  void close() {
    Locale.setDefault(locale);
    Command.unlock(directory);
  }

  private String masked(String text) {
    return text.replace(directory.toString(), "/work")
        .replaceAll("SHA256:[A-Za-z0-9+/]{43}", "SHA256:#")
        .replaceAll("\\b[0-9a-f]{64}\\b", "#")
        .replaceAll("AAAA[A-Za-z0-9+/=]{20,}", "AAAA#")
        .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
        .replaceAll("\"actual-size\": \\d+", "\"actual-size\": #")
        .replaceAll("\"bytes-wiped\": \\d+", "\"bytes-wiped\": #")
        .replaceAll("[0-9.]+ ([KMG]i)?B\\b", "# B")
        .replaceAll("\"immutable\"|\"mode\"", "\"SEAL\"")
        .replace(" and immutable", "")
        .replaceAll("(\\S)  +", "$1  ");
  }

  private void check(String name, int exit, Object... words) throws IOException {
    List<Object> all = new ArrayList<>(List.of(words));
    if (!List.of("inspect", "disk").contains(words[0])) {
      all.addAll(List.of("--home", home));
    }
    Command.Answer answer = calco(all.toArray()).exits(exit);
    String text =
        "$ calco %s\n%s%s"
            .formatted(
                masked(String.join(" ", List.of(words).stream().map(Object::toString).toList())),
                masked(answer.out()),
                masked(answer.err()));
    Path golden = GOLDEN.resolve(name + ".txt");
    if ("write".equals(System.getProperty("calco.golden"))) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, text);
    }
    assertThat(text).as(name).isEqualTo(Files.readString(golden));
  }

  @Test
  void aWholeLife() throws IOException {
    Path disk = directory.resolve("vm.qcow2");
    check("inspect", 0, "inspect", disk);
    check("inspect-packages", 0, "inspect", "--packages", disk);
    check("inspect-json", 0, "inspect", "--output", "json", disk);
    check("template-list-empty", 0, "template", "list");
    check("operations", 0, "template", "create", "--operations", "list");
    check("template-dry-run", 0, "template", "create", disk, "--name", "t", "--dry-run");
    check("template-create", 0, "template", "create", disk, "--name", "t");
    check("template-create-again", 4, "template", "create", disk, "--name", "t");
    check("template-list", 0, "template", "list");
    check("template-show", 0, "template", "show", "t");
    check("template-show-json", 0, "template", "show", "t", "--output", "json");
    check("template-verify", 0, "template", "verify", "t");
    check("clone-create", 0, "clone", "create", "t", "web1", "web2");
    check("clone-create-full", 0, "clone", "create", "t", "db", "--full", "--size", "200M");
    check("clone-too-small", 4, "clone", "create", "t", "small", "--size", "64M");
    check("clone-list", 0, "clone", "list");
    check("clone-show", 0, "clone", "show", "web1");
    check("clone-show-json", 0, "clone", "show", "web1", "--output", "json");
    check("tree", 0, "tree");
    check("tree-json", 0, "tree", "--output", "json");
    check("clone-reset-unasked", 4, "clone", "reset", "web1");
    check("clone-reset", 0, "clone", "reset", "web1", "--yes");
    check("template-update", 0, "template", "update", "t", disk);
    check("template-delete-refused", 4, "template", "delete", "t", "--yes");
    check("template-delete-dry-run", 0, "template", "delete", "t", "--cascade", "--dry-run");
    check("template-rename", 0, "template", "rename", "t", "debian12");
    check("doctor", 0, "doctor", "--full");
    check("doctor-json", 0, "doctor", "--output", "json");
    Command.unlock(home);
    Files.delete(home.resolve("pool/t.v1.qcow2"));
    check("template-verify-missing", 1, "template", "verify", "debian12", "--version-number", "1");
    check("doctor-missing", 1, "doctor");
    check("doctor-missing-json", 1, "doctor", "--output", "json");
    check("clone-flatten-missing", 3, "clone", "flatten", "web1");
    check("clone-delete", 0, "clone", "delete", "web{1..2}", "--yes");
    check("template-delete", 0, "template", "delete", "debian12", "--yes");
    check("tree-orphan", 0, "tree");
  }
}
