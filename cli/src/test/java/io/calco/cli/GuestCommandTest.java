package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `calco guest` and `clone lint` on the demo's disk and on file systems made to do harm, held to
/// debugfs and to a tree that mke2fs was given.
class GuestCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path dir;
  private Path disk;

  @BeforeEach
  void unpack() throws IOException {
    disk = dir.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
  }

  /// The demo's root partition, for tools that know ext4 only.
  private Path root() {
    Path root = dir.resolve("root.img");
    calco("disk", "dd", "if=" + disk, "of=" + root, "bs=1M", "skip=18").exits(0);
    return root;
  }

  private String debugfs(String request) {
    return Oracle.named("debugfs").run("-R", request, root()).succeeds().out();
  }

  @Test
  void readsWhatDebugfsReads() {
    assertThat(calco("guest", "cat", disk + ":/etc/fstab").exits(0).out())
        .isEqualTo(debugfs("cat /etc/fstab"));
    assertThat(calco("guest", "cat", disk + ":p3:/etc/passwd").exits(0).out())
        .isEqualTo(debugfs("cat /etc/passwd"));
    for (JsonNode file :
        JSON.readTree(calco("guest", "ls", "--output", "json", disk + ":/etc").exits(0).out())) {
      String stat = debugfs("stat " + file.get("path").asString());
      assertThat(stat)
          .contains(
              "Mode:  %4s"
                  .formatted("0" + file.get("permissions").asString())
                  .replace("  00", "  0"))
          .containsPattern("Links: " + file.get("links").asInt() + "\\b");
    }
  }

  @Test
  void copiesOutWhatIsThere() throws IOException {
    Path ours = dir.resolve("ours");
    Path theirs = Files.createDirectory(dir.resolve("theirs"));
    calco("guest", "copy-out", disk + ":/", ours).exits(0);
    Oracle.named("debugfs").run("-R", "rdump / " + theirs, root()).succeeds();
    Oracle.named("diff").run("-r", "--no-dereference", ours, theirs).succeeds();
    assertThat(Files.getLastModifiedTime(ours.resolve("etc/fstab")))
        .isEqualTo(Files.getLastModifiedTime(theirs.resolve("etc/fstab")));
    assertThat(calco("guest", "copy-out", disk + ":/", ours).exits(0).err()).contains("left out");
    assertThat(
            calco("guest", "copy-out", disk + ":/etc/fstab", ours.resolve("etc/fstab"))
                .exits(4)
                .err())
        .contains("exists already");
  }

  @Test
  void copiesHolesAsHolesAndKeepsSecretsSecret() throws IOException {
    Path tree = Files.createDirectories(dir.resolve("sparse/etc")).getParent();
    Files.writeString(tree.resolve("etc/os-release"), "ID=sparse\n");
    Oracle.named("truncate").run("-s", "3G", tree.resolve("huge")).succeeds();
    Files.writeString(tree.resolve("etc/shadow"), "x");
    Oracle.named("chmod").run("4600", tree.resolve("etc/shadow")).succeeds();
    Path image = dir.resolve("sparse.img");
    Oracle.named("mke2fs").run("-q", "-t", "ext4", "-d", tree, image, "16M").succeeds();
    Path copy = dir.resolve("copy");
    calco("guest", "copy-out", image + ":/", copy).exits(0);
    Oracle.named("diff").run("-r", tree.resolve("etc"), copy.resolve("etc")).succeeds();
    assertThat(Oracle.named("stat").run("-c", "%s %b", copy.resolve("huge")).succeeds().out())
        .matches("3221225472 [0-9]\n");
    assertThat(Oracle.named("stat").run("-c", "%a", copy.resolve("etc/shadow")).succeeds().out())
        .isEqualTo("600\n");
  }

  @Test
  void findsByNameKindSizeAndTime() {
    assertThat(
            calco("guest", "find", disk, "--name", "*_key", "--type", "f").exits(0).out().lines())
        .containsExactly(
            "/etc/ssh/ssh_host_ecdsa_key",
            "/etc/ssh/ssh_host_ed25519_key",
            "/etc/ssh/ssh_host_rsa_key");
    assertThat(calco("guest", "find", disk, "--type", "l").exits(0).out()).startsWith("/lib\n");
    assertThat(calco("guest", "find", disk, "--newer-than", "2100-01-01").exits(0).out()).isEmpty();
    calco("guest", "find", disk, "--newer-than", "yesterday").exits(2);
  }

  @Test
  void changesFilesAndTellsWhatDiffers() throws IOException {
    Path before = Files.copy(disk, dir.resolve("before.qcow2"));
    Path motd = Files.writeString(dir.resolve("motd"), "Bienvenida, aula 3\n");
    assertThat(calco("guest", "copy-in", "-n", motd, disk + ":/etc/").exits(0).out())
        .isEqualTo("create /etc/motd\n");
    calco("guest", "diff", before, disk).exits(0);
    calco("guest", "copy-in", motd, disk + ":/etc/").exits(0);
    calco("guest", "edit", "-e", "s/maqueta/copia/g", disk + ":/etc/hostname").exits(0);
    assertThat(calco("guest", "cat", disk + ":/etc/hostname").exits(0).out()).isEqualTo("copia\n");
    assertThat(calco("guest", "diff", before, disk).exits(1).out())
        .isEqualTo("~ /etc/hostname  content\n+ /etc/motd\n");
    Oracle.named("e2fsck").run("-fn", root()).succeeds();
    calco("guest", "edit", "-e", "s/a/b", disk + ":/etc/hostname").exits(2);
    calco("guest", "edit", "-e", "s/a/b/", disk + ":/etc/nothing").exits(3);
  }

  @Test
  void takesTheOnlyFileSystemForTheTreeWhereNoSystemIs() throws IOException {
    Path notes = Files.createDirectories(dir.resolve("tree/notes"));
    Files.writeString(notes.resolve("a.txt"), "a");
    Path data = dir.resolve("data.raw");
    Oracle.named("mke2fs")
        .run("-q", "-t", "ext4", "-d", dir.resolve("tree"), data, "16M")
        .succeeds();
    assertThat(calco("guest", "cat", data + ":/notes/a.txt").exits(0).out()).isEqualTo("a");
  }

  @Test
  void saysWhatIsNotThere() {
    assertThat(calco("guest", "ls", dir.resolve("none.qcow2") + ":/etc").exits(3).err())
        .contains("no such disk");
    assertThat(calco("guest", "ls", disk + ":/none").exits(3).err()).contains("/none");
    assertThat(calco("guest", "ls", disk + ":p2:/").exits(3).err()).contains("guest df");
    calco("guest", "cat", disk + ":/etc").exits(2);
    calco("guest", "ls", disk + ":nonsense").exits(2);
  }

  @Test
  void namesMadeToDoHarmStayInside() throws IOException {
    Path tree = Files.createDirectory(dir.resolve("tree"));
    Files.createDirectories(tree.resolve("etc"));
    Files.writeString(tree.resolve("etc/os-release"), "ID=evil\n");
    Files.writeString(tree.resolve("\u001b]0;owned\u0007"), "escape\n");
    Files.createSymbolicLink(tree.resolve("out"), dir.resolve("outside"));
    Files.createSymbolicLink(tree.resolve("loop"), Path.of("loop"));
    Path evil = dir.resolve("evil.img");
    Oracle.named("mke2fs")
        .run("-q", "-t", "ext4", "-O", "^metadata_csum", "-d", tree, evil, "8M")
        .succeeds();
    // A second "out", a directory, which the link must not have led away from.
    Oracle.named("debugfs").run("-w", "-R", "mkdir dir", evil).succeeds();
    Oracle.named("debugfs").run("-w", "-R", "write /etc/hostname dir/file", evil).succeeds();
    byte[] image = Files.readAllBytes(evil);
    rename(image, "dir", "out");
    Files.write(evil, image);

    assertThat(calco("guest", "ls", evil).out()).doesNotContain("\u001b");
    calco("guest", "copy-out", evil + ":/", dir.resolve("copy"));
    assertThat(Files.exists(dir.resolve("outside"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  /// Gives a directory's entry another name of the same length; its checksum is then wrong, which
  /// is an error of its own.
  private static void rename(byte[] image, String from, String to) {
    byte[] name = from.getBytes(StandardCharsets.UTF_8);
    for (int i = 8; i + name.length < image.length; i++) {
      if (image[i - 2] == name.length
          && image[i - 1] == 2
          && new String(image, i, name.length, StandardCharsets.ISO_8859_1).equals(from)) {
        System.arraycopy(to.getBytes(StandardCharsets.UTF_8), 0, image, i, name.length);
      }
    }
  }

  @Test
  void lintProvesThatClonesAreMachinesOfTheirOwn() throws IOException {
    Path home = dir.resolve("home");
    calco("template", "create", disk, "--name", "demo", "--home", home).exits(0);
    calco("clone", "create", "demo", "web1", "web2", "--home", home).exits(0);
    String answer = calco("clone", "lint", "web1", "web2", "--home", home).exits(0).out();
    assertThat(answer)
        .containsPattern("hostname +differs")
        .containsPattern("ssh-host-key +differs")
        .containsPattern("file-system-uuid +shared \\(noted\\)");
    calco("clone", "lint", "--strict", "web1", "web2", "--home", home).exits(1);
    Path copy = Files.copy(disk, dir.resolve("copy.qcow2"));
    assertThat(calco("clone", "lint", disk, copy, "--home", home).exits(1).out())
        .containsPattern("machine-id +shared +/etc/machine-id +all")
        .containsPattern("random-seed +shared");
    Command.unlock(dir);
  }
}
