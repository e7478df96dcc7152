package io.calco.fs.guestfish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemContract;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.InMemory;
import io.calco.fs.SubvolumeFileSystem;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The contract on libguestfs's file systems, all in one machine, for it takes long to start; their
/// own checkers afterwards.
@Execution(ExecutionMode.SAME_THREAD)
class GuestfishTest {
  private static final long MIB = 1 << 20;
  private static final long EXT = 1 * MIB;
  private static final long BTRFS = 65 * MIB;
  private static final long SIZE = 400 * MIB;

  @TempDir(factory = InMemory.class)
  static Path dir;

  private static Path image = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private static Guestfish machine;

  @SuppressWarnings("NullAway.Init")
  private static FileSystem ext;

  @SuppressWarnings("NullAway.Init")
  private static FileSystem btrfs;

  @BeforeAll
  static void start() throws IOException {
    GuestfishHost.require();
    image = dir.resolve("disk.raw");
    blank(image, SIZE);
    Path table = Files.writeString(dir.resolve("table"), "label: gpt\nsize=64M\nsize=300M\n");
    Oracle.named("sh").run("-c", "sfdisk -q " + image + " < " + table).succeeds();
    Path part = blank(dir.resolve("ext"), 64 * MIB);
    Oracle.named("mke2fs").run("-q", "-F", "-t", "ext4", part).succeeds();
    copy(part, 0, image, EXT, 64 * MIB);
    part = blank(dir.resolve("btrfs"), 300 * MIB);
    Oracle.named("mkfs.btrfs").run("-q", "-b", 200 * MIB, part).succeeds();
    copy(part, 0, image, BTRFS, 300 * MIB);
    machine = Guestfish.open(image, "raw");
    ext = machine.openFileSystem("/dev/sda1");
    btrfs = machine.openFileSystem("/dev/sda2");
  }

  private static Path blank(Path path, long size) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
    }
    return path;
  }

  private static void copy(Path from, long at, Path to, long position, long length)
      throws IOException {
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out = FileChannel.open(to, StandardOpenOption.WRITE)) {
      out.position(position);
      for (long done = 0; done < length; ) {
        done += in.transferTo(at + done, length - done, out);
      }
    }
  }

  @AfterAll
  static void check() throws IOException {
    if (machine == null) {
      return;
    }
    ext.close();
    btrfs.close();
    machine.close();
    Path part = blank(dir.resolve("part"), 0);
    copy(image, EXT, part, 0, 64 * MIB);
    Oracle.named("e2fsck").run("-fn", part).succeeds();
    part = blank(dir.resolve("part2"), 0);
    copy(image, BTRFS, part, 0, 300 * MIB);
    Oracle.named("btrfs").run("check", "--readonly", part).succeeds();
  }

  @Test
  void fileSystemsGrowAndGetNewIdentities() throws IOException {
    FileSystemFacts before = btrfs.facts();
    assertThat(before.type()).isEqualTo("btrfs");
    assertThat(before.size()).isEqualTo(200 * MIB);
    btrfs.growToDisk();
    ext.growToDisk();
    assertThat(btrfs.facts().size()).isEqualTo(300 * MIB);
    for (FileSystem fileSystem : new FileSystem[] {ext, btrfs}) {
      UUID uuid = UUID.randomUUID();
      assertThat(fileSystem.uuidFrom(uuid)).contains(uuid.toString());
      fileSystem.setUuid(uuid);
      assertThat(fileSystem.facts().uuid()).contains(uuid.toString());
    }
  }

  @Test
  void subvolumesAreWritten() throws IOException {
    machine.run(Command.of("btrfs-subvolume-create").word("/v1/@sub vol"));
    assertThat(btrfs).isInstanceOf(SubvolumeFileSystem.class);
    SubvolumeFileSystem files = (SubvolumeFileSystem) btrfs;
    assertThat(files.shownSubvolume()).isEqualTo(5);
    SubvolumeFileSystem.Subvolume made =
        files.subvolumes().stream()
            .filter(subvolume -> subvolume.path().equals("/@sub vol"))
            .findFirst()
            .orElseThrow();
    FileSystem inside = files.openSubvolume(made.id());
    inside.write("/file", new byte[] {1}, FileAttributes.root(0600, Instant.EPOCH));
    assertThat(inside.find("/file")).isPresent();
    inside.close();
  }

  /// A generalisation makes hundreds of calls: the same process takes them all.
  @Test
  void takesManyCalls() throws IOException {
    FileAttributes plain = FileAttributes.root(0644, Instant.EPOCH);
    btrfs.createDirectory("/quick", FileAttributes.root(0755, Instant.EPOCH));
    btrfs.write("/quick/first", new byte[10], plain);
    Instant started = Instant.now();
    for (int i = 0; i < 200; i++) {
      assertThat(btrfs.find("/quick/missing" + i)).isEmpty();
      btrfs.write("/quick/file" + i, ("file " + i).getBytes(StandardCharsets.UTF_8), plain);
      assertThat(btrfs.find("/quick/file" + i)).isPresent();
    }
    Duration each = Duration.between(started, Instant.now()).dividedBy(600);
    System.getLogger("test").log(System.Logger.Level.INFO, "a call takes " + each);
  }

  @Test
  void whatCannotBeDoneIsTold() {
    assertThatThrownBy(() -> machine.openFileSystem("/dev/sda9"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/dev/sda9");
  }

  @Nested
  class OnExt4 extends FileSystemContract {
    @Override
    protected FileSystem fileSystem() {
      return ext;
    }
  }

  @Nested
  class OnBtrfs extends FileSystemContract {
    @Override
    protected FileSystem fileSystem() {
      return btrfs;
    }
  }
}
