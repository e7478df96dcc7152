package io.calco.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/// What every writable file system does, whichever engine writes it. Each test has a directory of
/// its own, so that one file system serves them all.
public abstract class FileSystemContract {
  private static final Instant THEN = Instant.parse("2021-02-03T04:05:06Z");
  private static final FileAttributes PLAIN = new FileAttributes(0640, 1000, 1001, THEN);

  /// The file system under test, open for writing.
  protected abstract FileSystem fileSystem();

  private String directory(TestInfo test) throws IOException {
    String path = "/" + test.getTestMethod().orElseThrow().getName();
    fileSystem().createDirectory(path, FileAttributes.root(0755, THEN));
    return path;
  }

  private static byte[] random(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private byte[] content(String path) throws IOException {
    long size = fileSystem().find(path).orElseThrow().size();
    byte[] bytes = new byte[Math.toIntExact(size) + 10];
    int read = fileSystem().read(path, 0, MemorySegment.ofArray(bytes));
    return Arrays.copyOf(bytes, read);
  }

  @Test
  void factsAreThere() throws IOException {
    FileSystemFacts facts = fileSystem().facts();
    assertThat(facts.size()).isPositive();
    assertThat(facts.free()).isBetween(1L, facts.size());
    assertThat(facts.uuid()).isPresent();
    assertThat(fileSystem().writable()).isTrue();
  }

  @Test
  void filesAreCreatedAndReplaced(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    for (int length : new int[] {5, 0, 4096, 300_000, 5_000_000, 1}) {
      byte[] content = random(length, length);
      fileSystem().write(path, content, PLAIN);
      FileStatus status = fileSystem().find(path).orElseThrow();
      assertThat(status.type()).isEqualTo(FileType.REGULAR);
      assertThat(status.size()).isEqualTo(length);
      assertThat(Arrays.equals(content(path), content)).isTrue();
    }
    FileStatus status = fileSystem().find(path).orElseThrow();
    assertThat(FileAttributes.of(status)).isEqualTo(PLAIN);
    assertThat(status.links()).isEqualTo(1);
  }

  @Test
  void partsAreRead(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    byte[] content = random(100_000, 3);
    fileSystem().write(path, content, PLAIN);
    byte[] part = new byte[5000];
    assertThat(fileSystem().read(path, 1234, MemorySegment.ofArray(part))).isEqualTo(5000);
    assertThat(part).isEqualTo(Arrays.copyOfRange(content, 1234, 6234));
    assertThat(fileSystem().read(path, 99_999, MemorySegment.ofArray(part))).isEqualTo(1);
    assertThat(fileSystem().read(path, 100_000, MemorySegment.ofArray(part))).isZero();
    assertThat(fileSystem().read(path, 1L << 40, MemorySegment.ofArray(part))).isZero();
  }

  @Test
  void directoriesAreListed(TestInfo test) throws IOException {
    String directory = directory(test);
    List<String> names =
        IntStream.range(0, 200).mapToObj(i -> "a file with number " + i + ".conf").toList();
    for (String name : names) {
      fileSystem().write(directory + "/" + name, new byte[0], PLAIN);
    }
    fileSystem().createDirectory(directory + "/sub", FileAttributes.root(01777, THEN));
    assertThat(fileSystem().list(directory).stream().map(DirectoryEntry::name))
        .containsAll(names)
        .contains("sub")
        .hasSize(201);
    FileStatus sub = fileSystem().find(directory + "/sub").orElseThrow();
    assertThat(sub.permissions()).isEqualTo(01777);
    assertThat(sub.modified()).isEqualTo(THEN);
    fileSystem().delete(directory + "/" + names.get(7));
    assertThat(fileSystem().list(directory)).hasSize(200);
    assertThat(fileSystem().find(directory + "/" + names.get(7))).isEmpty();
  }

  @Test
  void namesHoldAnyByte(TestInfo test) throws IOException {
    String directory = directory(test);
    byte[] odd = {'-', '\n', ' ', '"', '\'', '\\', 'x', '4', '1', '*', '$', (byte) 0xff, 1};
    List<String> names =
        List.of(
            GuestNames.decode(odd),
            "ñandú",
            "quo'te",
            "  ",
            "a|b;c&d",
            "#x",
            "~",
            "[0] = {",
            "x".repeat(255));
    for (String name : names) {
      byte[] content = GuestNames.encode(name);
      fileSystem().write(directory + "/" + name, content, PLAIN);
      assertThat(content(directory + "/" + name)).isEqualTo(content);
    }
    assertThat(fileSystem().list(directory).stream().map(DirectoryEntry::name))
        .containsExactlyInAnyOrderElementsOf(names);
    for (String name : names) {
      fileSystem().delete(directory + "/" + name);
    }
    assertThat(fileSystem().list(directory)).isEmpty();
  }

  @Test
  void linksAreCreated(TestInfo test) throws IOException {
    String directory = directory(test);
    for (String target :
        List.of("x", "../etc/os-release", "line\nend \\x41 '\"", "y".repeat(900))) {
      String path = directory + "/link" + target.length();
      fileSystem().createLink(path, target, new FileAttributes(0777, 5, 6, THEN));
      assertThat(fileSystem().readLink(path)).isEqualTo(target);
      FileStatus status = fileSystem().find(path).orElseThrow();
      assertThat(status.type()).isEqualTo(FileType.SYMBOLIC_LINK);
      assertThat(status.uid()).isEqualTo(5);
    }
    assertThatThrownBy(() -> fileSystem().write(directory + "/link1", new byte[1], PLAIN))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> fileSystem().readLink(directory))
        .isInstanceOf(FileSystemException.class);
  }

  /// A link that leads elsewhere is no directory on the way to a file.
  @Test
  void linksAreNotFollowed(TestInfo test) throws IOException {
    String directory = directory(test);
    fileSystem().createDirectory(directory + "/real", FileAttributes.root(0755, THEN));
    fileSystem().createLink(directory + "/link", "real", FileAttributes.root(0777, THEN));
    assertThatThrownBy(() -> fileSystem().write(directory + "/link/file", new byte[1], PLAIN))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(fileSystem().find(directory + "/link/file")).isEmpty();
    assertThat(fileSystem().list(directory + "/real")).isEmpty();
  }

  @Test
  void whatIsDeletedIsGone(TestInfo test) throws IOException {
    String directory = directory(test);
    fileSystem().createDirectory(directory + "/d", FileAttributes.root(0700, THEN));
    fileSystem().write(directory + "/d/f", random(10, 1), PLAIN);
    assertThatThrownBy(() -> fileSystem().delete(directory + "/d"))
        .isInstanceOf(DirectoryNotEmptyException.class);
    fileSystem().delete(directory + "/d/f");
    fileSystem().delete(directory + "/d");
    assertThat(fileSystem().find(directory + "/d")).isEmpty();
    assertThatThrownBy(() -> fileSystem().delete(directory + "/d"))
        .isInstanceOf(NoSuchFileException.class);
    fileSystem().write(directory + "/d", new byte[0], PLAIN);
    assertThatThrownBy(
            () -> fileSystem().createDirectory(directory + "/d", FileAttributes.root(0755, THEN)))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> fileSystem().write(directory + "/none/f", new byte[0], PLAIN))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> fileSystem().write(directory + "/d/f", new byte[0], PLAIN))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void filesAndDirectoriesAreRenamed(TestInfo test) throws IOException {
    String directory = directory(test);
    byte[] content = random(1000, 9);
    fileSystem().write(directory + "/a", content, PLAIN);
    fileSystem().write(directory + "/b", new byte[3], PLAIN);
    fileSystem().rename(directory + "/a", directory + "/b");
    assertThat(content(directory + "/b")).isEqualTo(content);
    assertThat(fileSystem().find(directory + "/a")).isEmpty();
    fileSystem().createDirectory(directory + "/d", FileAttributes.root(0755, THEN));
    fileSystem().rename(directory + "/b", directory + "/d/c");
    fileSystem().rename(directory + "/d", directory + "/e");
    assertThat(content(directory + "/e/c")).isEqualTo(content);
    assertThat(fileSystem().find(directory + "/d/c")).isEmpty();
    assertThatThrownBy(() -> fileSystem().rename(directory + "/x", directory + "/y"))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void attributesChange(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    fileSystem().write(path, new byte[7], PLAIN);
    FileAttributes other =
        new FileAttributes(04755, 0, 65534, Instant.parse("2030-12-31T23:59:59Z"));
    fileSystem().setAttributes(path, other);
    assertThat(FileAttributes.of(fileSystem().find(path).orElseThrow())).isEqualTo(other);
    assertThat(content(path)).hasSize(7);
  }

  @Test
  void extendedAttributesChange(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    fileSystem().write(path, new byte[7], PLAIN);
    byte[] label = "system_u:object_r:etc_t:s0\0".getBytes(StandardCharsets.UTF_8);
    byte[] odd = {'a', '\n', '\\', '"', (byte) 0xfe};
    fileSystem().setExtendedAttribute(path, "security.selinux", Optional.of(label));
    fileSystem().setExtendedAttribute(path, "user.odd", Optional.of(odd));
    assertThat(fileSystem().extendedAttributes(path))
        .containsEntry("security.selinux", label)
        .containsEntry("user.odd", odd)
        .hasSize(2);
    fileSystem().write(path, new byte[9], PLAIN);
    assertThat(fileSystem().extendedAttributes(path)).hasSize(2);
    fileSystem().setExtendedAttribute(path, "user.odd", Optional.empty());
    assertThat(fileSystem().extendedAttributes(path)).containsOnlyKeys("security.selinux");
  }

  @Test
  void filesAreTruncated(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    byte[] content = random(50_000, 4);
    fileSystem().write(path, content, PLAIN);
    fileSystem().truncate(path, 70_000);
    assertThat(content(path)).isEqualTo(Arrays.copyOf(content, 70_000));
    fileSystem().truncate(path, 1234);
    assertThat(content(path)).isEqualTo(Arrays.copyOf(content, 1234));
    fileSystem().truncate(path, 0);
    assertThat(fileSystem().find(path).orElseThrow().size()).isZero();
    assertThat(content(path)).isEmpty();
  }

  @Test
  void freeSpaceIsDiscarded(TestInfo test) throws IOException {
    String path = directory(test) + "/file";
    byte[] content = random(50_000, 5);
    fileSystem().write(path, content, PLAIN);
    fileSystem().sync();
    assertThat(fileSystem().trim()).isPositive();
    assertThat(content(path)).isEqualTo(content);
  }
}
