package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The packages that points list, compared with what dpkg and rpm say of the same databases.
class BackupPackagesTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path disk = Path.of("");

  @BeforeEach
  void makeThem() throws IOException {
    repo = directory.resolve("repo");
    disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("repo", "init", repo).exits(0);
  }

  private String backUp(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("backup", "create", "--repo", repo, "--output", "json", disk));
    all.addAll(List.of(words));
    return json(calco(all.toArray())).get("id").asString();
  }

  private static JsonNode json(Command.Answer answer) {
    return new ObjectMapper().readTree(answer.exits(0).out());
  }

  private static List<String> listed(Path repository, String point) {
    return json(calco(
            "backup", "show", "--packages", "--output", "json", "--repo", repository, point))
        .get("packages")
        .get("packages")
        .valueStream()
        .map(one ->
            String.join(
                "|",
                one.get("name").asString(),
                one.get("version").asString(),
                one.get("architecture").asString()))
        .toList();
  }

  private static String dpkg(String name, String status, String version, String architecture) {
    return """
    Package: %s
    Status: install ok %s
    Maintainer: nobody <n@example.org>
    Architecture: %s
    Multi-Arch: same
    Version: %s
    Description: x

    """
        .formatted(name, status, architecture, version);
  }

  /// Gives the guest a database, and says what dpkg reads in it.
  private List<String> install(String status) throws IOException {
    Path admin = Files.createDirectories(directory.resolve("dpkg"));
    Files.createDirectories(admin.resolve("info"));
    Files.createDirectories(admin.resolve("updates"));
    Files.writeString(admin.resolve("available"), "");
    Path file = Files.writeString(admin.resolve("status"), status);
    calco("guest", "copy-in", file, disk + ":/var/lib/dpkg/status").exits(0);
    return Oracle.named("dpkg-query")
        .run(
            "--admindir=" + admin,
            "-W",
            "-f",
            "${db:Status-Status}|${Package}|${Version}|${Architecture}\\n")
        .succeeds()
        .out()
        .lines()
        .filter(line -> line.startsWith("installed|"))
        .map(line -> line.substring("installed|".length()))
        .toList();
  }

  @Test
  void aPointListsWhatDpkgLists() throws IOException {
    String same =
        dpkg("libc6", "installed", "2.36-9+deb12u4", "amd64")
            + dpkg("libc6", "installed", "2.36-9+deb12u4", "i386")
            + dpkg("half", "half-configured", "1", "amd64");
    List<String> then =
        install(
            same
                + dpkg("bash", "installed", "5.2-1", "amd64")
                + dpkg("old", "installed", "2:1.0~rc1-3", "amd64"));
    String first = backUp();
    assertThat(then).hasSize(4);
    assertThat(listed(repo, first)).containsExactlyInAnyOrderElementsOf(then);
    assertThat(calco("backup", "show", "--packages", "--repo", repo, first).exits(0).out())
        .containsPattern("old +2:1.0~rc1-3 +amd64")
        .contains("4 packages of dpkg.");

    List<String> now =
        install(
            same
                + dpkg("bash", "installed", "5.2-2", "amd64")
                + dpkg("new", "installed", "1-1", "amd64"));
    String second = backUp();
    assertThat(listed(repo, second)).containsExactlyInAnyOrderElementsOf(now);
    assertThat(
            calco("backup", "diff", "--packages", "--repo", repo, first, second)
                .exits(1)
                .out()
                .lines()
                .map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly(
            "PACKAGE ARCHITECTURE BEFORE AFTER",
            "bash amd64 5.2-1 5.2-2",
            "new amd64 - 1-1",
            "old amd64 2:1.0~rc1-3 -");
    assertThat(calco("backup", "diff", "--packages", "--repo", repo, first, first).exits(0).err())
        .contains("No difference");

    // It goes where the point goes, and is read by whoever verifies all.
    Path other = directory.resolve("other");
    calco("repo", "init", other).exits(0);
    calco("backup", "copy", "--repo", repo, "--to", other, second).exits(0);
    calco("backup", "hold", "--repo", repo, "--reason", "kept", second).exits(0);
    calco("backup", "forget", "--repo", repo, "--yes", first).exits(0);
    calco("backup", "prune", "--repo", repo).exits(0);
    for (Path repository : List.of(repo, other)) {
      calco("backup", "verify", "--repo", repository).exits(0);
      assertThat(listed(repository, second)).containsExactlyInAnyOrderElementsOf(now);
    }
  }

  @Test
  void aPointListsWhatRpmLists() throws IOException {
    install("");
    Path spec =
        Files.writeString(
            directory.resolve("x.spec"),
            """
            Name: calco-alpha
            Epoch: 7
            Version: 1.2
            Release: 3
            Summary: x
            License: x
            BuildArch: noarch
            %description
            x
            %files
            """);
    Oracle.named("rpmbuild")
        .run(
            "-bb",
            "--quiet",
            "--define",
            "_topdir " + directory.resolve("top"),
            "--define",
            "_binary_payload w0.gzdio",
            spec)
        .succeeds();
    Path database = directory.resolve("rpm");
    Oracle.named("rpm")
        .run(
            "--dbpath",
            database,
            "-i",
            "--justdb",
            "--nodeps",
            directory.resolve("top/RPMS/noarch/calco-alpha-1.2-3.noarch.rpm"))
        .succeeds();
    calco("guest", "copy-in", database, disk + ":/var/lib/").exits(0);
    assertThat(listed(repo, backUp()))
        .containsExactly(
            Oracle.named("rpm")
                .run("--dbpath", database, "-qa", "--qf", "%{NAME}|%{EVR}|%{ARCH}\\n")
                .succeeds()
                .out()
                .strip());
  }

  @Test
  void aPointWithoutAListSaysSo() {
    String id = backUp("--no-inspect");
    assertThat(calco("backup", "show", "--packages", "--repo", repo, id).exits(3).err())
        .contains("no packages are listed in it");
    calco("backup", "show", "--repo", repo, id).exits(0);
  }
}
