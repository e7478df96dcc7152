package io.calco.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.server.ServerSettings;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir private Path directory;

  private Settings read(String file, Map<String, String> environment, Map<String, String> words)
      throws IOException {
    Path path = directory.resolve("calco.properties");
    Files.writeString(path, file);
    return Settings.read(SettingsFile.find(Optional.of(path), environment), environment, words);
  }

  private Settings read(String file) throws IOException {
    return read(file, Map.of(), Map.of());
  }

  private void refused(String file, String message, String hint) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOfSatisfying(
            OperationException.class,
            refusal -> {
              assertThat(refusal.kind()).isEqualTo(Kind.USAGE);
              assertThat(refusal.hint().orElse("")).isEqualTo(hint);
            })
        .hasMessage(message.replace("FILE", directory + "/calco.properties"));
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
    String file = "# ñ\nlisten = a:1\ntls=off\nhsts: 1h\n\nkeystone-user = señora\n";
    Settings settings =
        read(file, Map.of("CALCO_LISTEN", "b:2", "CALCO_TLS", "x"), Map.of("listen", "c:3"));
    assertThat(settings.get(Setting.LISTEN)).isEqualTo("c:3");
    assertThat(settings.get(Setting.TLS)).isEqualTo("x");
    assertThat(settings.duration(Setting.HSTS)).isEqualTo(Duration.ofHours(1));
    assertThat(settings.get(Setting.KEYSTONE_USER)).isEqualTo("señora");
    assertThat(settings.get(Setting.AUTH)).isEqualTo("embedded");
    assertThat(settings.shown())
        .extracting(Settings.Shown::from)
        .contains("--listen", "CALCO_TLS", directory + "/calco.properties: hsts", "default");
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearest() {
    refused("lisen = a:1", "FILE: there is no setting \"lisen\"", "did you mean: listen?");
    refused(
        "TLS_KEY = x".toLowerCase(Locale.ROOT),
        "FILE: there is no setting \"tls_key\"",
        "did you mean: tls-key?");
    refused(
        "photographer = x",
        "FILE: there is no setting \"photographer\"",
        "see: calco serve --print-config");
    refused("listen = a:1\nlisten = b:2", "FILE: listen stands there twice", "");
    refused("listen = \\uXYZ", "FILE: not a text in UTF-8 of KEY = VALUE", "");
  }

  @Test
  void aFileThatIsNamedIsThere() throws IOException {
    assertThatThrownBy(() -> SettingsFile.find(Optional.of(directory.resolve("no")), Map.of()))
        .isInstanceOf(NoSuchFileException.class);
    Map<String, String> elsewhere = Map.of("XDG_CONFIG_HOME", directory.toString());
    assertThat(SettingsFile.usual(elsewhere).toString()).endsWith("calco/calco.properties");
    Files.write(
        directory.resolve("calco.properties"),
        "listen=\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(
            () -> SettingsFile.find(Optional.of(directory.resolve("calco.properties")), Map.of()))
        .hasMessageContaining("not a text in UTF-8");
  }

  @Test
  void secretsComeFromFilesAndAreNotShown() throws IOException {
    Path secret = Files.writeString(directory.resolve("s"), "se=creto\n\n");
    Settings settings = read("admin-password-file = " + secret);
    assertThat(settings.get(Setting.ADMIN_PASSWORD)).isEqualTo("se=creto");
    assertThat(settings.shown().toString() + settings).doesNotContain("creto").contains("hidden");
    assertThat(
            Settings.of(Map.of("CALCO_METRICS_TOKEN_FILE", secret.toString()))
                .find(Setting.METRICS_TOKEN))
        .hasValue("se=creto");
    assertThat(
            read("", Map.of(), Map.of("metrics-token-file", secret.toString()))
                .get(Setting.METRICS_TOKEN))
        .isEqualTo("se=creto");
    assertThatThrownBy(() -> read("", Map.of(), Map.of("metrics-token", "x")))
        .hasMessage("metrics-token is a secret, and others see the command line");
    refused(
        "admin-password=x\nadmin-password-file=y",
        "both FILE: admin-password and admin-password-file are set",
        "");
    Files.writeString(secret, "");
    refused(
        "admin-password-file=" + secret,
        "FILE: admin-password-file: %s is empty".formatted(secret),
        "");
  }

  @Test
  void valuesAreCheckedAndTheRefusalSaysWhereTheyStand() throws IOException {
    assertThat(read("header-max = 512M").size(Setting.HEADER_MAX)).isEqualTo(512L << 20);
    assertThat(read("import-allow = a, b:1,,").list(Setting.IMPORT_ALLOW))
        .isEqualTo(List.of("a", "b:1"));
    wrong("idle-timeout = 5", "idle-timeout: \"5\" is no length of time");
    wrong("header-max = 5k", "header-max: \"5k\" is no size");
    wrong("connections-max = many", "connections-max: \"many\" is no whole number");
    wrong("allow-plain-http = 1", "allow-plain-http: \"1\" is neither yes nor no");
    wrong("listen = nowhere", "listen: \"nowhere\" is not HOST:PORT");
    wrong("access-log = most", "access-log: \"most\" is neither all, failures nor off");
  }

  private void wrong(String file, String message) {
    assertThatThrownBy(() -> ServerSettings.of(read(file)))
        .isInstanceOf(OperationException.class)
        .hasMessage(directory + "/calco.properties: " + message);
  }

  @Test
  void theGuidesHaveThemAll() throws IOException {
    List<String> rows =
        Stream.of(Setting.values())
            .map(setting ->
                "| `%s` | %s | %s"
                    .formatted(
                        setting.key(),
                        setting.form().replace("|", ", "),
                        setting.otherwise().map(value -> "`" + value + "` |").orElse("|")))
            .toList();
    for (String guide : List.of("docs/guide/running.md", "docs/guia/ponerlo-en-marcha.md")) {
      List<String> told =
          Files.readAllLines(Shared.repository().resolve(guide)).stream()
              .filter(line -> line.startsWith("| `") && line.split(" \\| ").length > 2)
              .toList();
      assertThat(told).as(guide).hasSameSizeAs(rows);
      for (int i = 0; i < rows.size(); i++) {
        assertThat(told.get(i)).startsWith(rows.get(i));
      }
    }
    List<String> english = Files.readAllLines(Shared.repository().resolve("docs/guide/running.md"));
    for (Setting setting : Setting.values()) {
      assertThat(english).anyMatch(line -> line.endsWith("| " + setting.about() + " |"));
    }
  }
}
