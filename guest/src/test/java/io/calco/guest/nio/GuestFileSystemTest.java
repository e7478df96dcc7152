package io.calco.guest.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tree of the host's, put into an ext4 by mke2fs, reads through the provider as the host's own
/// file system has it.
class GuestFileSystemTest {
  @TempDir private Path work;
  private Path tree;
  private Path disk;
  private FileSystem guest;

  @BeforeEach
  void make() throws IOException {
    tree = Files.createDirectory(work.resolve("tree"));
    Files.createDirectories(tree.resolve("etc/ssh"));
    Files.writeString(tree.resolve("etc/os-release"), "ID=test\n");
    Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
    Files.writeString(tree.resolve("etc/group"), "root:x:0:\n");
    Files.writeString(tree.resolve("etc/ssh/key"), "secret\n");
    Files.setPosixFilePermissions(
        tree.resolve("etc/ssh/key"), PosixFilePermissions.fromString("rw-------"));
    Files.writeString(tree.resolve("etc/año €"), "ñ\n");
    Files.createFile(tree.resolve("empty"));
    byte[] large = new byte[1_234_567];
    new Random(7).nextBytes(large);
    Files.write(tree.resolve("large"), large);
    Files.createSymbolicLink(tree.resolve("to-large"), Path.of("/large"));
    Files.createSymbolicLink(tree.resolve("up"), Path.of("../../../etc"));
    Files.createSymbolicLink(tree.resolve("loop"), Path.of("loop"));
    Files.createLink(tree.resolve("etc/large-too"), tree.resolve("large"));
    Oracle.named("mkfifo").run(tree.resolve("pipe")).succeeds();
    disk = work.resolve("a disk!/vm.img");
    Files.createDirectory(disk.getParent());
    Oracle.named("mke2fs").run("-q", "-t", "ext4", "-d", tree, disk, "16M").succeeds();
    guest = GuestFileSystems.open(disk, ImageOptions.reading());
  }

  @AfterEach
  void close() throws IOException {
    guest.close();
  }

  private static List<String> told(Path root) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted().toList()) {
        if (!path.endsWith("lost+found")) {
          lines.add(root.relativize(path) + " " + told(root, path));
        }
      }
    }
    return lines;
  }

  private static String told(Path root, Path path) throws IOException {
    PosixFileAttributes a =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    String content = "";
    if (a.isRegularFile()) {
      content = " " + java.util.Arrays.hashCode(Files.readAllBytes(path));
    } else if (a.isSymbolicLink()) {
      content = " -> " + Files.readSymbolicLink(path);
    }
    Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    Object links = Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
    return "%s %s %s %s %s%s%s"
        .formatted(
            mode,
            a.isDirectory() ? "-" : a.size() + " x" + links,
            PosixFilePermissions.toString(a.permissions()),
            a.owner(),
            a.group(),
            path.equals(root) ? "" : " " + a.lastModifiedTime().toMillis() / 1000,
            content);
  }

  @Test
  void walksAsTheHostWalks() throws IOException {
    assertThat(told(guest.getPath("/"))).isEqualTo(told(tree));
    assertThat(Files.readString(guest.getPath("etc", "año €"))).isEqualTo("ñ\n");
    Path copy = work.resolve("copy");
    Files.copy(guest.getPath("/to-large"), copy);
    assertThat(copy).hasSameBinaryContentAs(tree.resolve("large"));
  }

  @Test
  void linksStayInside() throws IOException {
    assertThat(guest.getPath("/up/ssh/../../up").toRealPath()).hasToString("/etc");
    assertThat(guest.getPath("up").toRealPath(LinkOption.NOFOLLOW_LINKS)).hasToString("/up");
    assertThat(Files.isSameFile(guest.getPath("/to-large"), guest.getPath("/etc/large-too")))
        .isTrue();
    assertThat(Files.exists(guest.getPath("/loop"))).isFalse();
    assertThat(Files.exists(guest.getPath("/loop"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    try (Stream<Path> all = Files.walk(guest.getPath("/"), FileVisitOption.FOLLOW_LINKS)) {
      assertThat(all.map(Path::toString)).contains("/up/ssh/key", "/to-large");
    }
  }

  @Test
  void readsAtAnyPosition() throws IOException {
    byte[] expected = Files.readAllBytes(tree.resolve("large"));
    try (SeekableByteChannel file = Files.newByteChannel(guest.getPath("/large"))) {
      assertThat(file.size()).isEqualTo(expected.length);
      Random random = new Random(3);
      for (int i = 0; i < 200; i++) {
        int at = random.nextInt(expected.length);
        ByteBuffer buffer =
            random.nextBoolean() ? ByteBuffer.allocate(999) : ByteBuffer.allocateDirect(999);
        buffer.position(7);
        file.position(at);
        int read = file.read(buffer);
        assertThat(read).isEqualTo(Math.min(992, expected.length - at));
        assertThat(buffer.position()).isEqualTo(7 + read);
        for (int j = 0; j < read; j++) {
          assertThat(buffer.get(7 + j)).isEqualTo(expected[at + j]);
        }
      }
      assertThat(file.position(expected.length + 5L).read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void isSafeForThreads() {
    assertThat(
            IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                  try {
                    return Files.mismatch(guest.getPath("/large"), tree.resolve("large"));
                  } catch (IOException e) {
                    return 0L;
                  }
                }))
        .containsOnly(-1L);
  }

  @Test
  void refusesToWriteAndSaysWhatIsWrong() throws IOException {
    Path file = guest.getPath("/etc/passwd");
    assertThatThrownBy(() -> Files.writeString(file, "x"))
        .isInstanceOf(ReadOnlyFileSystemException.class);
    assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(ReadOnlyFileSystemException.class);
    assertThatThrownBy(() ->
            Files.getFileAttributeView(file, BasicFileAttributeView.class)
                .setTimes(null, null, null))
        .isInstanceOf(ReadOnlyFileSystemException.class);
    assertThat(Files.isWritable(file)).isFalse();
    assertThat(Files.isReadable(file)).isTrue();
    assertThat(Files.isExecutable(file)).isFalse();
    assertThatThrownBy(() -> Files.readAllBytes(guest.getPath("/none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.readAllBytes(guest.getPath("/etc")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("directory");
    assertThatThrownBy(() -> Files.readAllBytes(guest.getPath("/pipe")))
        .hasMessageContaining("no regular file");
    assertThatThrownBy(() -> Files.list(file)).isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> Files.readSymbolicLink(file)).isInstanceOf(NotLinkException.class);
    assertThatThrownBy(() -> guest.provider().checkAccess(file, java.nio.file.AccessMode.WRITE))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(Files.getFileStore(file).type()).isEqualTo("ext4");
    assertThat(Files.readAttributes(file, "posix:owner,size"))
        .containsOnlyKeys("owner", "size")
        .hasEntrySatisfying("owner", owner -> assertThat(owner).hasToString("root"));
    guest.close();
    assertThatThrownBy(() -> Files.size(file)).isInstanceOf(ClosedFileSystemException.class);
  }

  @Test
  void isKnownByItsUri() throws IOException {
    URI uri = URI.create("calco:" + disk.toUri().getRawPath().replace("!", "%21"));
    assertThatThrownBy(() -> FileSystems.getFileSystem(uri))
        .isInstanceOf(FileSystemNotFoundException.class);
    try (FileSystem opened = FileSystems.newFileSystem(uri, Map.of("format", "raw"))) {
      assertThatThrownBy(() -> FileSystems.newFileSystem(uri, Map.of()))
          .isInstanceOf(FileSystemAlreadyExistsException.class);
      Path path = opened.getPath("etc/año €");
      URI name = path.toUri();
      assertThat(name.toString()).endsWith("vm.img!/etc/a%C3%B1o%20%E2%82%AC").contains("%21/vm");
      assertThat(Path.of(name)).isEqualTo(path.toAbsolutePath());
      assertThat(Files.readString(Path.of(name))).isEqualTo("ñ\n");
    }
    assertThatThrownBy(() -> FileSystems.getFileSystem(uri))
        .isInstanceOf(FileSystemNotFoundException.class);
    try (FileSystem alone = FileSystems.newFileSystem(disk)) {
      assertThat(Files.exists(alone.getPath("/etc/passwd"))).isTrue();
    }
  }

  @Test
  void directoriesThatHoldEachOtherEnd() throws IOException {
    Oracle.named("debugfs").run("-w", "-R", "link /etc etc/again", disk).succeeds();
    try (FileSystem hostile = GuestFileSystems.open(disk, ImageOptions.reading())) {
      assertThatThrownBy(
              () -> {
                try (Stream<Path> all = Files.walk(hostile.getPath("/etc"))) {
                  all.forEach(_ -> {});
                }
              })
          .hasMessageContaining("etc");
    }
  }

  @Test
  void namesThatAreNotUtf8ComeBack() throws IOException {
    String name = new String(new byte[] {'n', (byte) 0xE9, 'e'}, StandardCharsets.ISO_8859_1);
    Oracle.named("sh")
        .run(
            "-c",
            "printf 'write %s/etc/group etc/n\\351e\\n' \"$1\" | debugfs -w -f - \"$2\"",
            "sh",
            tree,
            disk)
        .succeeds();
    try (FileSystem hostile =
            FileSystems.newFileSystem(URI.create("calco:" + encoded()), Map.of());
        DirectoryStream<Path> etc = Files.newDirectoryStream(hostile.getPath("/etc"), "n*e")) {
      Path found = etc.iterator().next();
      assertThat(found.toString()).isNotEqualTo("/etc/" + name).hasSize(8);
      assertThat(Path.of(found.toUri())).isEqualTo(found);
      assertThat(Files.readString(found)).isEqualTo("root:x:0:\n");
    }
  }

  private String encoded() {
    return disk.toUri().getRawPath().replace("!", "%21");
  }
}
