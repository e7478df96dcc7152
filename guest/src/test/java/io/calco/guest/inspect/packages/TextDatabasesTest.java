package io.calco.guest.inspect.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.guest.MemoryFileSystem;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// dpkg's database of this machine compared with dpkg-query, pacman's with pacman.
class TextDatabasesTest {
  private static final String STATUS = "/var/lib/dpkg/status";
  private static final String APK =
      """
      C:Q1UQ3C5+6+aqEGXEBcBIHMNsIbBpE=
      P:musl
      V:1.2.5-r0
      A:x86_64
      S:383459
      T:the musl c library (libc) implementation
      F:lib
      R:ld-musl-x86_64.so.1
      a:0:0:755

      P:busybox
      V:1.36.1_p2-r28
      A:x86_64
      """;

  @TempDir private Path directory;

  private static InstalledPackages read(MemoryFileSystem fs) {
    return InstalledPackages.of(fs.tree()).orElseThrow();
  }

  private static List<String> lines(InstalledPackages found) {
    assertThat(found.warnings()).isEmpty();
    return found.packages().stream()
        .map(p -> p.name() + " " + p.fullVersion() + " " + p.architecture().orElseThrow())
        .toList();
  }

  @Test
  void dpkgHasWhatDpkgQueryFinds() throws IOException {
    Oracle query = Oracle.named("dpkg-query");
    byte[] status = Files.readAllBytes(Path.of(STATUS));
    Files.write(directory.resolve("status"), status);
    List<String> expected =
        query
            .run(
                "--admindir=" + directory,
                "-W",
                "-f",
                "${db:Status-Abbrev}|${Package} ${Version} ${Architecture}\\n")
            .succeeds()
            .out()
            .lines()
            .filter(line -> line.matches("[ih][iWt] \\|.*"))
            .map(line -> line.substring(line.indexOf('|') + 1))
            .toList();
    InstalledPackages found = read(new MemoryFileSystem().bytes(STATUS, status));
    assertThat(found.manager()).isEqualTo("dpkg");
    assertThat(lines(found)).hasSizeGreaterThan(50).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void pacmanHasWhatPacmanFinds() throws IOException {
    MemoryFileSystem fs = new MemoryFileSystem();
    String[][] all = {{"glibc", "2.39+r52+gf8e4623421-1", "x86_64"}, {"less", "1:643-1", "any"}};
    for (String[] one : all) {
      String text =
          "%%NAME%%\n%s\n\n%%VERSION%%\n%s\n\n%%DESC%%\n%%NAME%%\n\n%%ARCH%%\n%s\n\n"
              .formatted(one[0], one[1], one[2]);
      String path = "local/" + one[0] + "-" + one[1] + "/";
      fs.file("/var/lib/pacman/" + path + "desc", text);
      Files.createDirectories(directory.resolve(path));
      Files.writeString(directory.resolve(path + "desc"), text);
      Files.writeString(directory.resolve(path + "files"), "");
    }
    fs.file("/var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
    Files.writeString(directory.resolve("local/ALPM_DB_VERSION"), "9\n");
    InstalledPackages found = read(fs);
    assertThat(found.manager()).isEqualTo("pacman");
    assertThat(lines(found))
        .containsExactly("glibc 2.39+r52+gf8e4623421-1 x86_64", "less 1:643-1 any");
    String said = Oracle.named("pacman").run("-Q", "--dbpath", directory).succeeds().out();
    assertThat(said.lines())
        .containsExactlyElementsOf(
            found.packages().stream().map(p -> p.name() + " " + p.fullVersion()).toList());
  }

  @Test
  void apkIsReadBelowLibAndUsr() {
    for (String path : List.of("/lib/apk/db/installed", "/usr/lib/apk/db/installed")) {
      InstalledPackages found = read(new MemoryFileSystem().file(path, APK));
      assertThat(found.manager()).isEqualTo("apk");
      assertThat(lines(found))
          .containsExactly("busybox 1.36.1_p2-r28 x86_64", "musl 1.2.5-r0 x86_64");
      assertThat(found.packages().getFirst())
          .isEqualTo(
              new InstalledPackage(
                  "busybox",
                  OptionalLong.empty(),
                  "1.36.1_p2",
                  Optional.of("r28"),
                  Optional.of("x86_64")));
    }
  }

  @Test
  void versionsFallIntoTheirParts() {
    assertThat(InstalledPackage.of("x", "2:1.0:3-4-5ubuntu1", Optional.empty()))
        .isEqualTo(
            new InstalledPackage(
                "x", OptionalLong.of(2), "1.0:3-4", Optional.of("5ubuntu1"), Optional.empty()));
    Seeds.run(
        500,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(12); i > 0; i--) {
            text.append("01:-.\na~".charAt(random.nextInt(8)));
          }
          String full = text.toString();
          assertThat(InstalledPackage.of("x", full, Optional.empty()).fullVersion())
              .isEqualTo(full);
        });
  }

  @Test
  void whatIsRemovedIsNotInstalledAndAnEmptyDatabaseYieldsToAnother() {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .file(
                STATUS,
                "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
                    + "Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n")
            .file("/lib/apk/db/installed", APK);
    assertThat(read(fs).manager()).isEqualTo("apk");
  }

  @Test
  void aLineOrAFileWithoutEndIsBounded() {
    MemoryFileSystem fs =
        new MemoryFileSystem().file(STATUS, "Package: a").claimSize(STATUS, 1L << 40);
    InstalledPackages found = read(fs);
    assertThat(found.packages()).isEmpty();
    String long1 = "Package: " + "a".repeat(1 << 20) + "\nStatus: install ok installed\n";
    assertThat(read(new MemoryFileSystem().file(STATUS, long1)).packages())
        .singleElement()
        .satisfies(p -> assertThat(p.name()).hasSizeLessThan(256));
  }
}
