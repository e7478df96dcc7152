package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Certificates;
import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `disk serve`, `backup serve`, and NBD addresses where an image is read.
@Timeout(300)
class DiskServeCommandTest {
  private static final int SIZE = 3 << 20;

  @TempDir private Path directory;
  private final List<Process> serving = new ArrayList<>();
  private Path raw = Path.of("disk.raw");

  @BeforeEach
  void make() throws IOException {
    raw = directory.resolve("disk.raw");
    byte[] content = new byte[SIZE];
    new Random(5).nextBytes(content);
    java.util.Arrays.fill(content, 1 << 20, 2 << 20, (byte) 0);
    Files.write(raw, content);
  }

  @AfterEach
  void stop() {
    serving.forEach(process -> {
      process.destroy();
      ProcessEnd.await(process);
    });
  }

  /// Starts to serve.
  ///
  /// @return the addresses that it prints
  private List<String> serve(int count, Object... words) throws IOException {
    Process process = Command.listening(Map.of(), words);
    serving.add(process);
    BufferedReader out = process.inputReader();
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(String.valueOf(out.readLine()));
    }
    return addresses;
  }

  @Test
  void servesImagesByTheirNames() throws IOException {
    Path qcow2 = directory.resolve("a b.qcow2");
    calco("disk", "convert", "-O", "qcow2", raw, qcow2).exits(0);
    List<String> at = serve(2, "disk", "serve", "--listen", "127.0.0.1:0", raw, qcow2);
    assertThat(at.get(0)).matches("nbd://127\\.0\\.0\\.1:\\d+/disk\\.raw");
    assertThat(at.get(1)).endsWith("/a%20b.qcow2");
    for (String address : at) {
      Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "raw", raw, address).succeeds();
      Oracle.named("qemu-io").run("-f", "raw", "-c", "write 0 512", address).exits(1);
    }
  }

  @Test
  void whatClientsWriteIsInTheImage() throws Exception {
    Path qcow2 = directory.resolve("new.qcow2");
    calco("disk", "create", "-f", "qcow2", qcow2, "3M").exits(0);
    Path socket = directory.resolve("w.sock");
    String at =
        serve(1, "disk", "serve", "--writable", "--listen", "unix:" + socket, qcow2).getFirst();
    assertThat(at).isEqualTo("nbd+unix:///?socket=" + socket);
    Oracle.named("qemu-img").run("convert", "-n", "-f", "raw", "-O", "raw", raw, at).succeeds();
    calco("disk", "serve", "--listen", "127.0.0.1:0", qcow2).exits(ExitCode.REFUSED);
    stop();
    assertThat(socket).doesNotExist();
    Oracle.named("qemu-img").run("check", "-f", "qcow2", qcow2).succeeds();
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", raw, qcow2).succeeds();
  }

  @Test
  void addressesAreReadWhereImagesAre() throws IOException {
    String at =
        serve(1, "disk", "serve", "--listen", "127.0.0.1:0", "--export", "x/y", raw).getFirst();
    assertThat(calco("disk", "info", at).exits(0).out())
        .contains("image: " + at, "file format: raw", "(3145728 bytes)");
    Path copy = directory.resolve("copy.qcow2");
    calco("disk", "convert", "-O", "qcow2", at, copy).exits(0);
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "qcow2", raw, copy).succeeds();
    assertThat(Files.size(copy)).isLessThan(SIZE);
    calco("disk", "compare", at, copy).exits(0);
    assertThat(calco("disk", "info", at.replace("x/y", "z")).exits(ExitCode.UNSUPPORTED).err())
        .contains("the server has no export \"z\"");
    assertThat(calco("disk", "info", "nbd+unix:///x").exits(ExitCode.USAGE).err())
        .contains("names no socket");
  }

  @Test
  void anImageNeverMakesUsConnect() throws IOException {
    String at = serve(1, "disk", "serve", "--listen", "127.0.0.1:0", raw).getFirst();
    Path overlay = directory.resolve("overlay.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-f", "qcow2", "-F", "raw", "-b", at, "-u", overlay, "3M")
        .succeeds();
    assertThat(
            calco("disk", "convert", "-O", "raw", overlay, directory.resolve("o"))
                .exits(ExitCode.DENIED)
                .err())
        .contains("only plain local files are opened");
  }

  @Test
  void pointsAreServedAndServersBackedUp() throws IOException {
    Path repository = directory.resolve("repository");
    calco("repo", "init", repository).exits(0);
    String source = serve(1, "disk", "serve", "--listen", "127.0.0.1:0", raw).getFirst();
    calco(
            "backup",
            "create",
            "--repo",
            repository,
            "--raw",
            "--machine",
            "web1",
            "--no-inspect",
            source)
        .exits(0);
    String point =
        serve(1, "backup", "serve", "--repo", repository, "--listen", "127.0.0.1:0", "web1@latest")
            .getFirst();
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", "raw", raw, point).succeeds();
  }

  @Test
  void othersAreServedInTheClearOnlyIfMeant() {
    assertThat(calco("disk", "serve", "--listen", "0.0.0.0:0", raw).exits(ExitCode.REFUSED).err())
        .contains("--tls-cert", "--allow-clear");
    calco("disk", "serve", "--listen", "nowhere", raw).exits(ExitCode.USAGE);
    calco("disk", "serve", "--tls-cert", raw, raw).exits(ExitCode.USAGE);
    calco("disk", "serve", "--export", "a", raw, raw).exits(ExitCode.USAGE);
  }

  @Test
  void clientsShowTheirCertificate() throws IOException {
    Path tls = Files.createDirectory(directory.resolve("tls"));
    Certificates.makeIn(tls);
    Path nobody = Files.createDirectory(directory.resolve("nobody"));
    Files.copy(tls.resolve("ca-cert.pem"), nobody.resolve("ca-cert.pem"));
    String at =
        serve(
                1,
                "disk",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--tls-cert",
                tls.resolve("server-cert.pem"),
                "--tls-key",
                tls.resolve("server-key.pem"),
                "--tls-clients",
                tls.resolve("ca-cert.pem"),
                raw)
            .getFirst()
            .replace("127.0.0.1", "localhost");
    String known = at + "?tls-certificates=" + tls;
    String unknown = at + "?tls-certificates=" + nobody;
    Oracle.named("nbdinfo").run("--size", known).succeeds().says("3145728");
    Oracle.named("nbdinfo").run("--size", unknown).exits(1);
    calco("disk", "compare", raw, known).exits(0);
    calco("disk", "info", unknown).exits(ExitCode.SYSTEM);
  }
}
