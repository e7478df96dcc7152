package io.calco.fs.fat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.InMemory;
import io.calco.fs.UsedRuns;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What others say of the same file system.
class ToolsTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0644, Instant.parse("2024-02-29T12:34:56Z"));
  private static final List<String> NAMES =
      List.of(
          "GRUB.CFG",
          "grubx64.efi",
          "Mixed.Case",
          "lower.EXT",
          "a name with spaces.txt",
          ".hidden",
          "tar.gz.gpg",
          "Übergröße.txt",
          "日本語のファイル名",
          "plus+equal=[x]",
          "exactly-13ch.",
          "n".repeat(255),
          "noextension-at-all");

  @TempDir(factory = InMemory.class)
  Path directory;

  private static byte[] content(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] read(FileSystem fs, String path) throws IOException {
    byte[] bytes = new byte[(int) fs.find(path).orElseThrow().size()];
    fs.read(path, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"1440 -F 12", "20000 -F 16 -s 2", "40000 -F 32 -s 1"})
  void mtoolsReadWhatWeWrote(String options) throws IOException {
    FatImage image = image(options);
    image.write(fs -> {
      fs.createDirectory("/EFI", ATTRIBUTES);
      for (int i = 0; i < NAMES.size(); i++) {
        fs.write("/EFI/" + NAMES.get(i), content(i, 777 * i), ATTRIBUTES);
      }
    });
    image.check();
    Path out = Files.createDirectory(directory.resolve("out"));
    image.mtool("mcopy", "-s", "-m", "-n", "::/EFI", out);
    for (int i = 0; i < NAMES.size(); i++) {
      Path file = out.resolve("EFI").resolve(LongName.cut(NAMES.get(i)));
      assertThat(Files.readAllBytes(file)).as(NAMES.get(i)).isEqualTo(content(i, 777 * i));
      assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(ATTRIBUTES.modified());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1440 -F 12", "20000 -F 16 -s 2", "40000 -F 32 -s 1"})
  void weReadWhatMtoolsWrote(String options) throws IOException {
    FatImage image = image(options);
    Path tree = Files.createDirectory(directory.resolve("tree"));
    for (int i = 0; i < NAMES.size(); i++) {
      if (!NAMES.get(i).endsWith(".") && i != 11) { // mtools cut both
        Files.write(tree.resolve(NAMES.get(i)), content(i, 900 * i));
      }
    }
    image.mtool("mcopy", "-s", "-n", tree, "::/");
    image.mtool("mattrib", "+r", "::/tree/grubx64.efi");
    image.read(fs -> {
      assertThat(fs.list("/tree").stream().map(DirectoryEntry::name))
          .containsExactlyInAnyOrder(Objects.requireNonNull(tree.toFile().list()));
      for (DirectoryEntry entry : fs.list("/tree")) {
        byte[] expected = Files.readAllBytes(tree.resolve(entry.name()));
        assertThat(read(fs, "/tree/" + entry.name())).isEqualTo(expected);
        assertThat(read(fs, "/TREE/" + LongName.key(entry.name()))).isEqualTo(expected);
      }
      assertThat(fs.find("/tree/Mixed.Case").map(FileStatus::permissions)).contains(0755);
      assertThat(fs.find("/tree/grubx64.efi").map(FileStatus::permissions)).contains(0555);
    });
  }

  private FatImage image(String options, String... more) throws IOException {
    String[] words = options.split(" ");
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    String[] rest = java.util.Arrays.copyOfRange(all, 1, all.length);
    return FatImage.make(directory, Long.parseLong(words[0]), rest);
  }

  /// As Linux makes them (`fs/fat/namei_vfat.c`), but for the digits after nine of a kind.
  @Test
  void shortNamesAreLinuxs() throws IOException {
    FatImage image = image("1440 -F 12");
    image.write(fs -> {
      for (int i = 0; i < 12; i++) {
        fs.write("/a long name " + i + ".text", new byte[0], ATTRIBUTES);
      }
      for (String name : List.of("Foo.txt", ".bashrc", "x.tar.gz", "a+b.c", "grubx64.efi")) {
        fs.write("/" + name, new byte[0], ATTRIBUTES);
      }
    });
    String listing = image.mtool("mdir", "-a", "::/");
    assertThat(listing)
        .containsPattern("(?m)^ALONGN~1 TEX .*a long name 0.text$")
        .containsPattern("(?m)^ALONGN~9 TEX .*a long name 8.text$")
        .containsPattern("(?m)^AL[0-9A-F]{4}~[1-8] TEX .*a long name 9.text$")
        .containsPattern("(?m)^FOO +TXT .*Foo.txt$")
        .containsPattern("(?m)^BASHRC~1 .*\\.bashrc$")
        .containsPattern("(?m)^XTAR~1 +GZ .*x.tar.gz$")
        .containsPattern("(?m)^A_B~1 +C .*a\\+b.c$")
        .containsPattern("(?m)^grubx64 +efi +0 [^g]*$");
    image.check();
  }

  @Test
  void namesThatCannotBeAreRefused() throws IOException {
    FatImage image = image("1440 -F 12");
    image.write(fs -> {
      for (String name :
          List.of("a:b", "what?", "x\u0001", "end ", "...", "n".repeat(256), "\udc80", "a\\b")) {
        assertThatThrownBy(() -> fs.write("/" + name, new byte[1], ATTRIBUTES))
            .isInstanceOf(FileSystemException.class);
      }
      assertThatThrownBy(() -> fs.createLink("/l", "x", ATTRIBUTES))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("no symbolic links");
      assertThatThrownBy(() -> fs.setExtendedAttribute("/", "user.x", Optional.of(new byte[1])))
          .isInstanceOf(UnsupportedFeatureException.class);
      assertThatThrownBy(fs::growToDisk).isInstanceOf(UnsupportedFeatureException.class);
      assertThatThrownBy(() -> fs.write("/big", new byte[2 << 20], ATTRIBUTES))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("clusters are needed");
      assertThat(fs.list("/")).isEmpty();
    });
    image.check();
  }

  /// Not of FAT12: partclone reads its entries as if they were wider, and leaves out clusters in
  /// use. There the chains of all files say what is in use.
  @Test
  void usedRunsOfFat12AreFsckVfats() throws IOException {
    FatImage image = image("1440 -F 12");
    image.write(fs -> {
      for (int i = 0; i < 60; i++) {
        fs.write("/file" + i, content(i, 150 * i), ATTRIBUTES);
      }
      for (int i = 0; i < 60; i += 3) {
        fs.delete("/file" + i);
      }
    });
    String fsck = Oracle.named("fsck.vfat").run("-nv", image.path()).succeeds().out();
    image.read(fs -> {
      UsedRuns used = UsedRuns.of(fs);
      long bytes = used.runs().stream().mapToLong(UsedRuns.Run::length).sum();
      assertThat(bytes + fs.facts().free()).isEqualTo(fs.facts().size());
      long clusters = (fs.facts().size() - 33 * 512 - fs.facts().free()) / 512;
      assertThat(fsck).containsPattern("40 files, " + clusters + "/2847 clusters");
      new FatImage(used.copy(image.path())).check();
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9000 -F 16 -s 1",
        "40001 -F 16 -s 4 -S 1024",
        "33333 -F 32 -s 1",
        "70000 -F 32 -s 1 -S 4096 -f 1"
      })
  void usedRunsArePartclones(String options) throws IOException {
    FatImage image = image(options);
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      for (int i = 0; i < 60; i++) {
        fs.write("/d/file" + i, content(i, 150 * i), ATTRIBUTES);
      }
      for (int i = 0; i < 60; i += 3) {
        fs.delete("/d/file" + i);
      }
    });
    image.read(fs -> {
      UsedRuns ours = UsedRuns.of(fs);
      ours.assertSame(UsedRuns.ofPartclone("fat", image.path()), fs.facts().size());
      Path copy = ours.copy(image.path());
      new FatImage(copy).check();
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"1440 -F 12", "9000 -F 16 -s 1", "40000 -F 32 -s 1"})
  void factsAreBlkids(String options) throws IOException {
    FatImage image = image(options, "-n", "MY ESP", "-i", "1a2b3c4d");
    assertThat(FileSystems.probe(FileDisk.readOnly(image.path())).orElseThrow().name())
        .isEqualTo("vfat");
    assertFacts(image, "1A2B-3C4D");
    image.write(fs -> fs.setUuid(UUID.fromString("cafe0123-0000-4000-8000-000000000000")));
    assertFacts(image, "CAFE-0123");
    image.check();
  }

  private static void assertFacts(FatImage image, String serial) throws IOException {
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image.path()).succeeds().out();
    image.read(fs -> {
      FileSystemFacts facts = fs.facts();
      assertThat(blkid)
          .contains("TYPE=\"" + facts.type() + "\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.uuid()).contains(serial);
      assertThat(facts.clean()).isTrue();
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"9000 -F 16 -s 1", "40000 -F 32 -s 1"})
  void dirtyStaysDirty(String options) throws IOException {
    FatImage image = image(options);
    byte[] bytes = Files.readAllBytes(image.path());
    boolean is32 = options.contains("32");
    int fat = LittleEndian.u16(bytes, 14) * LittleEndian.u16(bytes, 11);
    bytes[is32 ? fat + 7 : fat + 3] = (byte) (is32 ? 0x07 : 0x7F);
    Files.write(image.path(), bytes);
    image.write(fs -> {
      assertThat(fs.facts().clean()).isFalse();
      fs.write("/file", content(1, 5000), ATTRIBUTES);
    });
    image.read(fs -> assertThat(fs.facts().clean()).isFalse());
  }

  @Test
  void trimLeavesNothingOfDeletedFiles() throws IOException {
    FatImage image = image("20000 -F 16");
    byte[] content = "a secret in a file ".repeat(3000).getBytes(StandardCharsets.US_ASCII);
    image.write(fs -> {
      fs.createDirectory("/d", ATTRIBUTES);
      fs.write("/d/SECRET.TXT", content, ATTRIBUTES);
      fs.write("/d/kept", new byte[10], ATTRIBUTES);
    });
    assertThat(secrets(image)).isTrue();
    image.write(fs -> {
      fs.delete("/d/SECRET.TXT");
      assertThat(fs.trim()).isPositive();
    });
    assertThat(secrets(image)).isFalse();
    image.check();
  }

  private static boolean secrets(FatImage image) throws IOException {
    return Files.readString(image.path(), StandardCharsets.ISO_8859_1)
        .toLowerCase(java.util.Locale.ROOT)
        .contains("secret");
  }

  @Test
  void aLargeDirectoryGrowsAndIsFound() throws IOException {
    FatImage image = image("60000 -F 32 -s 1");
    image.write(fs -> {
      fs.createDirectory("/many", ATTRIBUTES);
      for (int i = 0; i < 5000; i++) {
        fs.write("/many/A file of which there are many " + i, new byte[1], ATTRIBUTES);
      }
    });
    image.check();
    image.read(fs -> {
      assertThat(fs.list("/many")).hasSize(5000);
      assertThat(fs.find("/many/a FILE of which there are many 4711")).isPresent();
    });
  }
}
