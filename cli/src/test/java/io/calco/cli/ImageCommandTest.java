package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `calco image`.
class ImageCommandTest {
  @TempDir private Path dir;
  private Path home;
  private Path disk;

  @BeforeEach
  void unpack() throws IOException {
    home = dir.resolve("home");
    disk = dir.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
  }

  @AfterEach
  void unlock() {
    Command.unlock(dir);
  }

  private Command.Answer image(Object... words) {
    List<Object> all = new ArrayList<>(List.of("image"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--home", home));
    return calco(all.toArray());
  }

  private String imported(Object... words) {
    List<Object> all = new ArrayList<>(List.of("import"));
    all.addAll(Arrays.asList(words));
    return image(all.toArray()).exits(0).out().strip();
  }

  @Test
  void fromFileToFile() throws IOException {
    assertThat(image("list").exits(0).err()).contains("No images");
    Command.Answer first =
        image(
                "import",
                disk,
                "--name",
                "debian:12",
                "--tag",
                "course",
                "--property",
                "os_distro=debian")
            .exits(0);
    assertThat(first.err()).contains("debian:12: qcow2, ").contains("Debian GNU/Linux 12");
    String id = first.out().strip();
    assertThat(image("list").exits(0).out()).contains("debian:12", "Debian GNU/Linux 12", id);
    assertThat(image("list", "--tag", "other").exits(0).out()).isEmpty();
    assertThat(image("list", "--name", "debian", "--output", "json").exits(0).out())
        .contains("\"os-id\": \"debian\"", "\"tags\"");
    String shown = image("show", "debian").exits(0).out();
    assertThat(shown)
        .contains("id: " + id, "property os_distro: debian", "from: " + disk, "ext4", "boots by");
    assertThat(image("show", "debian:latest", "--output", "json").exits(0).out())
        .contains("\"boot-mode\"", "\"kind\": \"file\"");

    image("alias", "debian:stable", "debian:12").exits(0);
    image("tag", "debian:stable", "web").exits(0);
    image("set", "debian:12", "--min-ram", "512", "--protect", "--remove-property", "os_distro")
        .exits(0);
    assertThat(image("show", id).exits(0).out())
        .contains("tags: course, web", "protected")
        .doesNotContain("os_distro");
    assertThat(image("alias").exits(0).out()).contains("debian:stable  debian:12");

    Path vmdk = dir.resolve("out.vmdk");
    image("export", "debian:stable", "--format", "vmdk", "--file", vmdk).exits(0);
    Oracle.named("qemu-img").run("compare", "-F", "vmdk", disk, vmdk).succeeds();
    image("export", id, "--file", dir).exits(0);
    assertThat(Files.mismatch(disk, dir.resolve("debian-12.qcow2"))).isEqualTo(-1);

    assertThat(image("delete", id, "--yes").exit()).isNotZero();
    image("set", id, "--unprotect").exits(0);
    image("delete", id, "--dry-run").exits(0);
    image("delete", id).exits(4);
    image("delete", id, "--yes").exits(0);
    image("show", id).exits(3);
    image("show", "debian:stable").exits(3);
  }

  @Test
  void historyAndShares() throws IOException {
    calco("project", "create", "class-a", "--home", home).exits(0);
    String old = imported(disk, "--name", "debian:11");
    String first = imported(disk, "--name", "debian:12", "--visibility", "shared");
    String second = imported(disk, "--name", "debian:12", "--visibility", "shared");
    String[] lines = image("history", "debian").exits(0).out().split("\n", -1);
    assertThat(lines[1]).startsWith("12 ").endsWith(second);
    assertThat(lines[2]).startsWith("12 ").endsWith(first);
    assertThat(lines[3]).startsWith("11 ").endsWith(old);
    image("history", "fedora").exits(3);
    image("share", "debian:12", "class-a", "--accept").exits(0);
    assertThat(image("show", second).exits(0).out()).contains("class-a (accepted)");
    image("unshare", "debian:12", "class-a").exits(0);
    assertThat(image("show", second).exits(0).out()).doesNotContain("class-a");
    image("share", "debian:11", "class-a").exits(6);
  }

  @Test
  void refusesAndKeepsNothing() throws IOException {
    image("import", disk, "--format", "raw").exits(5);
    image("import", disk, "--checksum", "sha256:" + "0".repeat(64)).exits(5);
    image("import", disk, "--checksum", "md5:0").exits(2);
    image("import", dir.resolve("none")).exits(3);
    image("import").exits(2);
    image("import", disk, "--keyring", disk).exits(2);
    image("import", "--from-pool", "--pool", dir, "../demo.qcow2").exits(3);
    assertThat(image("list").exits(0).err()).contains("No images");
    assertThat(image("import", "--from-pool", "--pool", dir).exits(0).err())
        .contains("demo: qcow2");
  }

  @Test
  void templatesAndClones() throws IOException {
    String id = imported(disk, "--name", "debian:12");
    calco("template", "create", "image:debian:12", "--name", "tpl", "--dry-run", "--home", home)
        .exits(0);
    calco("template", "create", "image:debian:12", "--name", "tpl", "--home", home).exits(0);
    calco("clone", "create", "image:debian", "web1", "--home", home).exits(0);
    calco("clone", "create", "image:debian:12", "web2", "--home", home).exits(0);
    String templates = calco("template", "list", "--home", home).exits(0).out();
    assertThat(templates.lines()).hasSize(3);
    assertThat(templates).contains("debian-12", "tpl");
    assertThat(image("show", id).exits(0).out())
        .contains(
            "used by: template debian-12, version 1 (clones web1, web2); template tpl, version 1");
    assertThat(image("delete", id, "--yes").exits(4).err()).contains("in use");
    String second = imported(disk, "--name", "debian:12");
    calco("clone", "create", "image:debian:12", "web3", "--home", home).exits(0);
    assertThat(image("show", second).exits(0).out()).contains("version 2 (clones web3)");
    calco("template", "delete", "tpl", "--yes", "--home", home).exits(0);
    calco("template", "delete", "debian-12", "--cascade", "--yes", "--home", home).exits(0);
    image("delete", id, second, "--yes").exits(0);
  }

  @Test
  void aSignedImageIsVerified() throws IOException {
    Oracle openssl = Oracle.named("openssl");
    Path key = dir.resolve("key.pem");
    Path certificate = dir.resolve("0b9a8c66-4f0e-4c7b-9a55-7a1f7a0c1d2e.pem");
    Path signature = dir.resolve("disk.sig");
    openssl.run("genrsa", "-out", key, "2048").succeeds();
    openssl
        .run("req", "-new", "-x509", "-key", key, "-subj", "/CN=s", "-out", certificate)
        .succeeds();
    openssl
        .run(
            "dgst",
            "-sha256",
            "-sign",
            key,
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:max",
            "-out",
            signature,
            disk)
        .succeeds();
    String id = imported(disk, "--signature", signature, "--certificate", certificate);
    assertThat(image("show", id, "--output", "json").exits(0).out())
        .contains("img_signature_certificate_uuid", "0b9a8c66-4f0e-4c7b-9a55-7a1f7a0c1d2e");
    Files.writeString(dir.resolve("other"), "x".repeat(4096));
    assertThat(
            image(
                    "import",
                    dir.resolve("other"),
                    "--format",
                    "raw",
                    "--signature",
                    signature,
                    "--certificate",
                    certificate)
                .exits(2)
                .err())
        .contains("Signature verification failed: it does not belong to this content");
    assertThat(image("import", disk, "--signature", signature).exits(2).err())
        .contains("--certificate");
  }

  @Test
  void doctorKnowsImages() throws IOException {
    String id = imported(disk, "--name", "debian:12", "--tag", "course");
    assertThat(calco("doctor", "--home", home).exits(0).out()).contains("1 image");
    String before = image("show", id).exits(0).out();
    for (String file : List.of("calco.db", "calco.db-wal", "calco.db-shm")) {
      Files.deleteIfExists(home.resolve(file));
    }
    assertThat(calco("doctor", "--home", home).exits(1).out())
        .contains("image debian:12 (%s)".formatted(id), "--rebuild-images");
    calco("doctor", "--rebuild-images", "--home", home).exits(0);
    assertThat(
            image("show", "debian:12")
                .exits(0)
                .out()
                .lines()
                .filter(line -> line.startsWith("sha256")))
        .containsExactlyElementsOf(
            before.lines().filter(line -> line.startsWith("sha256")).toList());
    image("export", id, "--file", dir.resolve("again.qcow2")).exits(0);
    assertThat(Files.mismatch(disk, dir.resolve("again.qcow2"))).isEqualTo(-1);
  }

  @Test
  void byStandardInput() {
    InputStream in = System.in;
    System.setIn(new ByteArrayInputStream(new byte[4096]));
    try {
      assertThat(imported("-", "--name", "zeroes", "--format", "raw")).hasSize(36);
    } finally {
      System.setIn(in);
    }
    assertThat(image("show", "zeroes").exits(0).out()).contains("from: input", "format: raw");
  }
}
