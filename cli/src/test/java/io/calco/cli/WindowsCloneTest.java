package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Templates and clones of a Windows, judged by the tools of ntfs-3g and xmllint.
class WindowsCloneTest {
  private static final String GENERALISED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE";

  @TempDir private Path dir;
  private Path home;

  @BeforeEach
  void open() {
    home = dir.resolve("home");
  }

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  private Command.Answer create(Object... words) {
    List<Object> all = new ArrayList<>(List.of("clone", "create", "w"));
    all.addAll(List.of(words));
    all.addAll(List.of("--home", home));
    return calco(all.toArray());
  }

  private Command.Answer template(Path disk, String... more) {
    List<Object> all = new ArrayList<>(List.of("template", "create", disk, "--name", "w"));
    all.addAll(List.of(more));
    all.addAll(List.of("--home", home));
    return calco(all.toArray());
  }

  private Path disk(String clone) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("pool"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(clone + "."))
          .findFirst()
          .orElseThrow();
    }
  }

  /// What a clone's answer file says in elements of this name.
  private String answer(String clone, String element) throws IOException {
    Path part = WindowsDisk.partition(disk(clone), dir.resolve(clone));
    Oracle.named("ntfsfix").run("-n", part).succeeds();
    String xml = Oracle.named("ntfscat").run(part, "WINDOWS/Panther/unattend.xml").succeeds().out();
    assertThat(Oracle.named("ntfsls").run("-p", "/WINDOWS/Panther/Unattend", part).succeeds().out())
        .doesNotContainIgnoringCase("unattend.xml");
    Path file = Files.writeString(dir.resolve(clone + ".xml"), xml);
    return Oracle.named("xmllint")
        .run("--xpath", "//*[local-name()='%s']/text()".formatted(element), file)
        .succeeds()
        .out()
        .strip();
  }

  @Test
  void setupGivesEachCloneItsOwnName() throws IOException {
    Path disk = WindowsDisk.make(dir.resolve("win.raw"), GENERALISED);
    Path password = Files.writeString(dir.resolve("password"), "Secreto<&1\n");
    template(disk).exits(0);

    create("w1", "w2").exits(0);
    create(
            "w3.lab.example",
            "--full",
            "--timezone",
            "Europe/Madrid",
            "--locale",
            "es_ES.UTF-8",
            "--windows-password-file",
            password,
            "--product-key",
            "ABCDE-12345-ABCDE-12345-ABCDE")
        .exits(0);

    assertThat(answer("w1", "ComputerName")).isEqualTo("w1");
    assertThat(answer("w2", "ComputerName")).isEqualTo("w2");
    assertThat(answer("w3", "TimeZone")).isEqualTo("Romance Standard Time");
    assertThat(answer("w3", "UserLocale")).isEqualTo("es-ES");
    assertThat(answer("w3", "ProductKey")).isEqualTo("ABCDE-12345-ABCDE-12345-ABCDE");
    assertThat(answer("w3", "Value"))
        .isEqualTo(
            Base64.getEncoder()
                .encodeToString(
                    "Secreto<&1AdministratorPassword".getBytes(StandardCharsets.UTF_16LE)));
    assertThat(calco("inspect", home.resolve("pool/w1.qcow2")).exits(0).out())
        .contains("Windows 11 Pro", "S-1-5-21-111-222-333", "generalised (" + GENERALISED + ")");
    assertThat(calco("clone", "show", "w1", "--home", home, "--output", "json").exits(0).out())
        .containsPattern("\"known-hosts\": \\[ ?\\]")
        .contains("\"hostname\": \"w1\"");
    assertThat(calco("clone", "list", "--home", home).exits(0).out()).contains("w3.lab.example");
  }

  @Test
  void whatWindowsCannotBeGivenIsRefused() throws IOException {
    template(WindowsDisk.make(dir.resolve("win.raw"), GENERALISED)).exits(0);

    assertThat(
            create("w1", "--ip", "ens3=dhcp", "--user", "ana", "--keyboard", "es").exits(4).err())
        .contains("users, network settings, a keyboard");
    assertThat(create("w1", "a-name-of-sixteen").exits(4).err())
        .contains("'a-name-of-sixteen' is no computer name: 1 to 15");
    assertThat(create("w1", "--timezone", "Europe/Nowhere").exits(4).err())
        .contains("Europe/Nowhere");
    assertThat(create("w1", "--locale", "es").exits(4).err()).contains("a country");
    assertThat(create("w1", "--product-key", "1234").exits(4).err()).contains("five groups");
    Path empty = Files.writeString(dir.resolve("empty"), "\n");
    create("w1", "--windows-password-file", empty).exits(2);
    assertThat(calco("clone", "list", "--names", "--home", home).exits(0).out()).isEmpty();
  }

  @Test
  void oneThatIsNotGeneralisedIsSealedOnlyOnDemand() throws IOException {
    Path disk = WindowsDisk.make(dir.resolve("win.raw"), "IMAGE_STATE_COMPLETE");

    assertThat(template(disk).exits(7).err()).contains("sysprep /generalize");
    assertThat(template(disk, "--allow-ungeneralised").exits(0).out())
        .contains("clones share one SID, S-1-5-21-111-222-333");

    create("w1").exits(0);
    assertThat(calco("clone", "show", "w1", "--home", home).exits(0).out()).contains("AULA-07");
    assertThat(create("w2", "--locale", "es_ES").exits(4).err()).contains("not generalised");
  }
}
