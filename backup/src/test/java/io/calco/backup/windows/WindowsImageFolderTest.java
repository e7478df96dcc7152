package io.calco.backup.windows;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders as Windows 7 left them, and as nobody did.
class WindowsImageFolderTest {
  private static final String BOOT = "9b9cfbc3-369e-11e9-a17c-806e6f6e6963";
  private static final String SYSTEM = "9B9CFBC4-369e-11e9-a17c-806e6f6e6963";

  /// As Windows 7 wrote it.
  private static final String SPECS =
      "<BackupSpecs><FileSpecs>"
          + "<Volume Name=\"\\\\?\\Volume{9b9cfbc4-369e-11e9-a17c-806e6f6e6963}\\\" AccessPath=\"C:\""
          + " OriginalAccessPath=\"C:\" Label=\"\" OriginalLabel=\"Daten\" >"
          + "<FileSpec FilePath=\"C:\\\" FileName=\"*\" IsRecursive=\"true\" IsInclude=\"true\" />"
          + "</Volume><Volume Name=\"\\\\?\\Volume{9b9cfbc3-369e-11e9-a17c-806e6f6e6963}\\\""
          + " AccessPath=\"\" OriginalAccessPath=\"\" Label=\"\" OriginalLabel=\"\" /></FileSpecs>"
          + "<SystemState IsPresent=\"false\" /><AllCritical IsPresent=\"false\" /></BackupSpecs>";

  @TempDir private Path directory;
  private Path root = Path.of("");
  private Path backup = Path.of("");

  @BeforeEach
  void layOut() throws IOException {
    root = directory.resolve("WindowsImageBackup");
    backup = Files.createDirectories(root.resolve("PC-7/Backup 2019-02-22 124351"));
    Files.createDirectory(root.resolve("PC-7/Catalog"));
    Files.writeString(root.resolve("PC-7/MediaId"), "x");
    Files.writeString(backup.resolve(BOOT + ".vhd"), "");
    Files.writeString(backup.resolve("{" + SYSTEM + "}.VHD"), "");
    Files.writeString(backup.resolve("cd113385_Components.xml"), "<x/>");
    Files.write(backup.resolve("BackupSpecs.xml"), SPECS.getBytes(UTF_16LE));
  }

  @Test
  void isFoundOnEachLevel() throws IOException {
    for (Path level : List.of(root, root.resolve("PC-7"), backup)) {
      assertThat(WindowsImageFolder.isIn(level)).as("%s", level).isTrue();
      WindowsImageFolder found = WindowsImageFolder.list(level);
      assertThat(found.notUnderstood()).isEmpty();
      WindowsBackup one = found.backups().getFirst();
      assertThat(one.computer()).isEqualTo("PC-7");
      assertThat(one.created()).isEqualTo(Instant.parse("2019-02-22T12:43:51Z"));
      assertThat(one.volumes()).extracting(WindowsVolume::name).containsExactly("C: (Daten)", BOOT);
      assertThat(one.volumes()).extracting(WindowsVolume::format).containsOnly("vpc");
    }
    assertThat(WindowsImageFolder.isIn(directory)).isFalse();
    assertThat(WindowsImageFolder.isIn(root.resolve("PC-7/Catalog"))).isFalse();
  }

  @Test
  void severalBackupsOfSeveralComputersComeInTheirOrder() throws IOException {
    Path newer = Files.createDirectories(root.resolve("SRV/Backup 2022-01-02 000000"));
    Path older = Files.createDirectories(root.resolve("SRV/backup 2012-01-02 235959"));
    Files.writeString(newer.resolve("Esp.vhdx"), "");
    Files.writeString(older.resolve("Esp.vhdx"), "");
    WindowsImageFolder found = WindowsImageFolder.list(root);
    assertThat(found.backups())
        .extracting(WindowsBackup::computer)
        .containsExactly("SRV", "PC-7", "SRV");
    assertThat(found.backups().getFirst().volumes().getFirst().name()).isEqualTo("Esp");
    assertThat(found.notUnderstood())
        .hasSize(2)
        .allMatch(line ->
            line.endsWith("BackupSpecs.xml: is missing; nothing tells the volumes' letters"));
  }

  @Test
  void whatIsNoneOfItIsTold() throws IOException {
    Files.writeString(backup.resolve("movie.mkv"), "");
    Files.writeString(root.resolve("PC-7/diary.txt"), "");
    Files.createDirectory(root.resolve("Photos"));
    Files.createSymbolicLink(backup.resolve("linked.vhd"), Path.of("/dev/sda"));
    Files.delete(backup.resolve(BOOT + ".vhd"));
    Files.createDirectories(root.resolve("PC-7/Backup 2019-99-22 124351"));
    Files.createDirectories(root.resolve("PC-7/Backup 2019-03-22 124351"));
    assertThat(WindowsImageFolder.list(root).notUnderstood())
        .anyMatch(line -> line.endsWith("movie.mkv: is no volume and no document of a backup"))
        .anyMatch(line -> line.endsWith("diary.txt: is no backup of Windows"))
        .anyMatch(line -> line.endsWith("Photos: is no computer's backups"))
        .anyMatch(line -> line.endsWith("linked.vhd: is no plain file"))
        .anyMatch(line -> line.endsWith("names the volume {" + BOOT + "}, whose file is not there"))
        .anyMatch(line -> line.endsWith("Backup 2019-99-22 124351: is no backup of Windows"))
        .anyMatch(line -> line.endsWith("Backup 2019-03-22 124351: holds no volume"));
  }

  @Test
  void textsInAllEncodings() throws IOException {
    for (Charset charset : List.of(UTF_8, UTF_16, UTF_16LE, UTF_16BE)) {
      assertThat(BackupSpecs.read("x", SPECS.getBytes(charset)).firstEntry().getValue().path())
          .as("%s", charset)
          .contains("C:");
    }
    String declared = "\uFEFF<?xml version=\"1.0\" encoding=\"utf-16\"?>" + SPECS;
    assertThat(BackupSpecs.read("x", declared.getBytes(UTF_16LE))).hasSize(2);
  }

  @Test
  void documentTypesAndEntitiesAreRefused() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "C:");
    String text =
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>" + SPECS.replace("C:", "&x;");
    assertThatThrownBy(() -> BackupSpecs.read("x", text.getBytes(UTF_8)))
        .isInstanceOf(CorruptImageException.class);
    Files.writeString(backup.resolve("BackupSpecs.xml"), text);
    WindowsImageFolder found = WindowsImageFolder.list(root);
    assertThat(found.backups().getFirst().volumes()).hasSize(2);
    assertThat(found.notUnderstood())
        .singleElement()
        .asString()
        .contains("BackupSpecs.xml: ")
        .doesNotContain("C:");
  }

  @Test
  void changedTextsGiveOnlyOurExceptions() {
    Seeds.run(
        3,
        random -> {
          for (int i = 0; i < 1000; i++) {
            byte[] text = SPECS.getBytes(i % 2 == 0 ? UTF_8 : UTF_16LE);
            for (int change = random.nextInt(1, 5); change > 0; change--) {
              text[random.nextInt(text.length)] = (byte) random.nextInt();
            }
            try {
              assertThat(BackupSpecs.read("x", text).size()).isLessThanOrEqualTo(2);
            } catch (CorruptImageException told) {
              assertThat(told).hasMessageStartingWith("x: ");
            }
          }
        });
  }
}
