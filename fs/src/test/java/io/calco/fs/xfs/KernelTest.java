package io.calco.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// We read what the kernel writes.
class KernelTest {
  private static final String FILL =
      """
      mkdir -p dirs/a/b/c
      head -c 3000000 /dev/urandom > big
      ln big hard; ln -s big soft; ln -s "$(printf 'x%.0s' $(seq 1000))" long
      ln -s "$(printf 'y%.0s' $(seq 338))" middle
      mkdir sparse
      truncate -s 30M sparse/huge
      echo tail >> sparse/huge
      fallocate -l 300000 sparse/setaside && echo x | dd of=sparse/setaside conv=notrunc status=none
      mknod null c 1 3; mknod disk b 8 1; mkfifo fifo
      printf tiny > tiny; printf '%0100d' 7 > small
      touch -d '2040-01-02 03:04:05.678' tiny
      touch -d '1950-01-02 03:04:05' small
      chmod 4711 tiny; chown 1234:100000 small
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  /// Files of all kinds, directories of all forms, and files of many extents.
  static void fill(Mounted mounted, boolean reflink) throws IOException {
    for (int names : new int[] {3, 60, 400, 1200}) {
      Path many = Files.createDirectory(mounted.path().resolve("many" + names));
      for (int i = 1; i <= names; i++) {
        Files.createFile(many.resolve("file with a name " + i + "x".repeat(i % 60)));
      }
      for (int i = 3; i <= names; i += 7) {
        Files.delete(many.resolve("file with a name " + i + "x".repeat(i % 60)));
      }
    }
    mounted.shell(FILL);
    Path sparse = mounted.path().resolve("sparse");
    byte[] piece = new byte[1024];
    Random random = new Random(3);
    try (FileChannel holes =
        FileChannel.open(
            sparse.resolve("holes"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 600; i++) {
        random.nextBytes(piece);
        holes.write(ByteBuffer.wrap(piece), i * 9L * 1024);
      }
    }
    if (reflink) {
      mounted.shell(
          "cp --reflink=always big shared; printf changed | dd of=shared bs=1 seek=70000"
              + " conv=notrunc status=none; cp --reflink=always sparse/holes sparse/same");
    }
    setAttributes(mounted.path());
  }

  private static void setAttributes(Path root) throws IOException {
    byte[] value = new byte[60_000];
    new Random(1).nextBytes(value);
    int[] counts = {1, 5, 40, 400};
    List<String> names = List.of("small", "tiny", "dirs", "big");
    for (int file = 0; file < names.size(); file++) {
      var view =
          Files.getFileAttributeView(
              root.resolve(names.get(file)), UserDefinedFileAttributeView.class);
      for (int i = 0; i < counts[file]; i++) {
        view.write("name " + i, ByteBuffer.wrap(value, i, i * 7 % 300));
      }
      if (file > 0) {
        view.write("long", ByteBuffer.wrap(value, 0, 5000 * file * file));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-m rmapbt=1 -i nrext64=1", "-b size=2048 -n size=8192"})
  void readsWhatTheKernelWrites(String options) throws IOException {
    XfsImage image = filled(options);
    image.compareWithKernel();
    compareMap(image);
  }

  private XfsImage filled(String options) throws IOException {
    XfsImage image = XfsImage.make(directory, 100, (options + " -d agcount=2").split(" "));
    try (Mounted mounted = image.mount("rw")) {
      fill(mounted, !options.contains("reflink=0"));
    }
    image.read(fs -> assertThat(fs.facts().clean()).isTrue());
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m crc=1",
        "-b size=1024 -i nrext64=1",
        "-m bigtime=0,inobtcount=0,reflink=0,finobt=0 -i sparse=0",
        "-s size=4096 -i size=1024 -n size=16384"
      })
  void writesWhatTheKernelReads(String options) throws IOException {
    XfsImage image = filled(options);
    image.compareWithKernel();
    compareMap(image);
    image.write(KernelTest::change);
    image.check();
    image.compareWithKernel();
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell("rm -r many* new; mv written other; cp other copied; cp -r sparse more; sync");
    }
    image.check();
    image.compareWithKernel();
  }

  private static void change(FileSystem fs) throws IOException {
    FileAttributes attributes = FileAttributes.root(0640, Instant.parse("2026-01-02T03:04:05Z"));
    byte[] content = new byte[1_234_567];
    new Random(2).nextBytes(content);
    fs.write("/written", content, attributes);
    fs.write("/tiny", new byte[] {1, 2, 3}, attributes);
    fs.createDirectory("/new", attributes);
    for (int i = 0; i < 300; i++) {
      fs.write("/new/a file of ours " + i, new byte[i], attributes);
      fs.createLink("/many1200/a link of ours " + i, "target" + i, attributes);
    }
    for (int names : new int[] {3, 60, 400, 1200}) {
      for (int i = 4; i < names; i += 7) {
        fs.delete("/many" + names + "/file with a name " + i + "x".repeat(i % 60));
      }
    }
    if (fs.find("/shared").isPresent()) {
      fs.delete("/shared");
      fs.truncate("/sparse/same", 100_001);
    }
    fs.delete("/sparse/holes");
    fs.delete("/null");
    fs.delete("/hard");
    fs.delete("/long");
    fs.rename("/dirs/a", "/new/a");
    fs.truncate("/sparse/setaside", 5);
    fs.truncate("/sparse/setaside", 50_000);
    fs.setExtendedAttribute("/new", "user.ours", Optional.of(new byte[200]));
    fs.setExtendedAttribute("/small", "user.name 0", Optional.empty());
    fs.setExtendedAttribute("/big", "user.ours", Optional.of(new byte[30_000]));
    fs.setExtendedAttribute("/tiny", "security.selinux", Optional.of(new byte[30]));
    fs.rename("/new/a/b", "/new/a/x");
    fs.createLink("/new/long", "z".repeat(1000), attributes);
    for (int i = 0; i < 30; i++) {
      fs.write("/new/a/x/c/file number " + i, new byte[i], attributes);
    }
    fs.delete("/new/a/x/c/file number 3");
    fs.write("/many400/" + "n".repeat(255), content, attributes);
    fs.trim();
    fs.setAttributes("/many60", attributes);
  }

  @Test
  void trimLeavesNothingOfDeletedFiles() throws IOException {
    FileAttributes attributes = FileAttributes.root(0644, Instant.EPOCH);
    XfsImage image = XfsImage.make(directory, 32, "-d", "agcount=1");
    byte[] content = "a secret in a file ".repeat(3000).getBytes(StandardCharsets.US_ASCII);
    image.write(fs -> {
      fs.createDirectory("/d", attributes);
      fs.write("/d/secretname", content, attributes);
      for (int i = 0; i < 100; i++) {
        fs.write("/d/secret" + i, new byte[] {1}, attributes);
      }
      fs.setExtendedAttribute("/d/secret1", "user.secret", Optional.of(content));
      fs.setExtendedAttribute("/d/secret2", "user.secret", Optional.of(new byte[10]));
      fs.createLink("/d/secretlink", "secret".repeat(3), attributes);
      fs.createLink("/d/secretlonglink", "secret".repeat(150), attributes);
    });
    assertThat(secrets(image)).isTrue();
    image.write(fs -> {
      for (var entry : fs.list("/d")) {
        fs.delete("/d/" + entry.name());
      }
      assertThat(fs.trim()).isPositive();
    });
    assertThat(secrets(image)).isFalse();
    image.check();
  }

  private static boolean secrets(XfsImage image) throws IOException {
    return Files.readString(image.path(), StandardCharsets.ISO_8859_1).contains("secret");
  }

  @Test
  void anotherUuidIsSeenByAll() throws IOException {
    XfsImage image = XfsImage.make(directory, 32);
    String old = Oracle.named("blkid").run("-p", "-s", "UUID", "-o", "value", image.path()).out();
    for (UUID uuid : List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.fromString(old.strip()))) {
      image.write(fs -> {
        fs.setUuid(uuid);
        fs.write("/file of " + uuid, new byte[5000], FileAttributes.root(0600, Instant.EPOCH));
      });
      String seen = Oracle.named("blkid").run("-p", image.path()).out();
      assertThat(seen).contains(" UUID=\"" + uuid + "\"");
      image.read(fs -> assertThat(fs.facts().uuid()).contains(uuid.toString()));
      image.check();
      image.compareWithKernel();
    }
  }

  /// Version 4 cannot be mounted everywhere any more: mkfs.xfs fills it, xfs_db tells.
  @ParameterizedTest
  @ValueSource(strings = {"-n ftype=0", "-b size=1024", "-i size=512"})
  void readsVersion4(String options) throws IOException {
    StringBuilder tree = new StringBuilder("/boot\n1 1\nd--755 0 0\n");
    Path content = Files.write(directory.resolve("content"), new byte[100_000]);
    for (int i = 0; i < 700; i++) {
      tree.append(
          "file%d-%s ---644 %d 100 %s\n"
              .formatted(i, "n".repeat(i % 50), i, i % 100 == 0 ? content : "/dev/null"));
    }
    tree.append("link l--777 0 0 " + "t".repeat(500) + "\nsub d--700 5 6\nx ---600 0 0 ");
    tree.append(content).append("\nnull c--666 0 0 1 3\n$\n$\n");
    Path prototype = Files.writeString(directory.resolve("prototype"), tree);
    List<String> words = new ArrayList<>(List.of("-m", "crc=0", "-p", prototype.toString()));
    words.addAll(List.of(options.split(" ")));
    XfsImage image = XfsImage.make(directory, 64, words.toArray(String[]::new));
    image.read(fs -> {
      assertThat(fs.list("/")).hasSize(702);
      assertThat(fs.find("/file699-" + "n".repeat(49)).orElseThrow().uid()).isEqualTo(699);
      assertThat(fs.find("/file500-").orElseThrow().size()).isEqualTo(100_000);
      assertThat(fs.readLink("/link")).isEqualTo("t".repeat(500));
      assertThat(fs.list("/sub")).extracting(entry -> entry.name()).containsExactly("x", "null");
      assertThat(fs.facts().clean()).isTrue();
    });
    compareMap(image);
  }

  @Test
  void factsAreBlkids() throws IOException {
    XfsImage image = XfsImage.make(directory, 32, "-L", "the root");
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image.path()).succeeds().out();
    image.read(fs -> {
      FileSystemFacts facts = fs.facts();
      assertThat(blkid)
          .contains("TYPE=\"" + facts.type() + "\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.size()).isEqualTo(32L << 20);
    });
  }

  /// Asserts that what is in use is what partclone copies.
  private void compareMap(XfsImage image) throws IOException {
    Path copy = directory.resolve("copy.partclone");
    Files.deleteIfExists(copy);
    Oracle.named("partclone.xfs")
        .run("-c", "-s", image.path(), "-O", copy, "-L", directory.resolve("partclone.log"))
        .succeeds();
    List<String> theirs = new ArrayList<>();
    try (Image opened = Image.open(copy, ImageOptions.reading())) {
      for (long at = 0; at < opened.disk().size(); ) {
        var extent = opened.disk().extentAt(at, opened.disk().size() - at);
        if (extent.allocated()) {
          theirs.add(at + "+" + extent.length());
        }
        at = extent.end();
      }
    }
    List<String> ours = new ArrayList<>();
    image.read(fs -> fs.usedRuns((offset, length) -> ours.add(offset + "+" + length)));
    assertThat(ours).isEqualTo(theirs);
  }
}
