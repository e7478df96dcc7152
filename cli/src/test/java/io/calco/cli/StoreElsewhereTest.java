package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `calco store` on stores in other places, and copies between them.
@Timeout(600)
class StoreElsewhereTest {
  private static final int IMAGE = 3 << 20;

  @TempDir private Path directory;

  private Path homeWithImages() throws IOException {
    Path home = directory.resolve("home");
    Random random = new Random(1);
    for (String name : List.of("one", "two")) {
      byte[] content = new byte[IMAGE];
      random.nextBytes(content);
      Path image = Files.write(directory.resolve(name + ".img"), content);
      calco("image", "import", image, "--name", name, "--home", home).exits(0);
    }
    return home;
  }

  private static JsonNode json(Object... words) {
    return JsonMapper.shared()
        .readTree(
            calco(Stream.concat(Stream.of(words), Stream.of("--output", "json")).toArray())
                .exits(0)
                .out());
  }

  @Test
  void copiesToADirectoryWithAKeyAndBack() throws IOException {
    Path home = homeWithImages();
    Path usb = directory.resolve("usb/calco");
    Path pass = Files.writeString(directory.resolve("pass"), "correct horse\n");
    assertThat(calco("store", "copy", usb, "--home", home).exits(3).err()).contains(usb.toString());
    calco("store", "init", "--store", usb, "--passphrase-file", pass, "--home", home).exits(0);
    assertThat(calco("store", "copy", usb, "--home", home).exits(6).err())
        .contains("the store is encrypted");
    Object[] copy = {"store", "copy", usb, "--to-passphrase-file", pass, "--home", home};
    JsonNode names = json("store", "copy", "-n", usb, "--to-passphrase-file", pass, "--home", home);
    assertThat(names).hasSize(2);
    assertThat(calco(copy).exits(0).out()).startsWith("Copied 2, ").endsWith("0 there already.\n");
    assertThat(calco(copy).exits(0).out()).isEqualTo("Copied 0, 0 B; 2 there already.\n");
    JsonNode status =
        json("store", "status", "--store", usb, "--passphrase-file", pass, "--home", home);
    assertThat(status.path("directory").asString()).isEqualTo(usb.toString());
    assertThat(status.path("encrypted").asBoolean()).isTrue();
    assertThat(status.path("size").asLong()).isEqualTo(2L * IMAGE);

    // A home that lost everything gets it back from there.
    Path second = directory.resolve("second");
    calco("store", "init", "--home", second).exits(0);
    calco(
            "store",
            "copy",
            "--store",
            usb,
            "--passphrase-file",
            pass,
            second.resolve("store"),
            "--home",
            second)
        .exits(0);
    flip(home);
    calco("store", "verify", "--home", home).exits(2);
    assertThat(
            calco("store", "copy", usb, "--to-passphrase-file", pass, "--home", home)
                .exits(0)
                .out())
        .as("what is there is not read again")
        .contains("2 there already");
    calco("store", "repair", "--from", second, "--home", home).exits(0);
  }

  /// Changes a byte of the largest pack.
  private static void flip(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("store/packs"))) {
      Path pack =
          files
              .filter(Files::isRegularFile)
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(pack);
      bytes[bytes.length / 2] ^= 1;
      Files.write(pack, bytes);
    }
  }

  @Test
  void copiesToAnSshServer(@TempDir Path server) throws IOException {
    Path home = homeWithImages();
    try (SshServer sshd = SshServer.start(server)) {
      String fingerprint =
          Oracle.named("ssh-keygen")
              .run("-l", "-f", server.resolve("host_ed25519.pub"))
              .succeeds()
              .out()
              .split(" ")[1];
      String place =
          "sftp://%s@127.0.0.1:%d%s/far"
              .formatted(sshd.user(), sshd.port(), directory.toAbsolutePath());
      assertThat(
              calco("store", "init", "--store", place + "?identity=/nowhere", "--home", home)
                  .exits(3)
                  .err())
          .contains("/nowhere");
      String address =
          place + "?fingerprint=" + fingerprint + "&identity=" + server.resolve("id_ed25519");
      assertThat(calco("store", "init", "--store", address, "--home", home).exits(0).err())
          .isEqualTo(place + ": made\n");
      assertThat(calco("store", "copy", address, "--home", home).exits(0).out())
          .startsWith("Copied 2, ");
      assertThat(calco("store", "verify", "--store", address, "--home", home).exits(0).out())
          .endsWith("all is as it was written.\n");
      flip(home);
      calco("store", "verify", "--home", home).exits(2);
      calco("store", "repair", "--from", address, "--home", home).exits(0);
      assertThat(calco("store", "status", "--store", address, "--home", home).exits(0).out())
          .startsWith("store   " + place + "\n");
      assertThat(calco("store", "collect", "--store", address, "-n", "--home", home).exits(0).out())
          .contains("Free then");
      sshd.kill();
      assertThat(calco("store", "verify", "--store", address, "--home", home).exits(1).err())
          .startsWith("calco: sftp://")
          .hasLineCount(1)
          .contains("cannot be reached: Connection refused");
    }
  }

  @Test
  void repeatsNoSecret() {
    Command.Answer answer =
        calco("store", "status", "--store", "sftp://ana:hunter2@nas/x", "--home", directory);
    assertThat(answer.exits(2).out() + answer.err())
        .contains("has a place for a password", "?password-file=FILE")
        .doesNotContain("hunter2");
  }
}
