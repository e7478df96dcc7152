package io.calco.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.sys.OpenFile.Access;
import io.calco.sys.OpenFile.Lock;
import io.calco.sys.OpenFile.Option;
import io.calco.sys.OpenFile.Writers;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel can do for files beyond bytes, held against stat(1), lsattr(1) and the file
/// systems themselves.
class LinuxFileTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  @BeforeEach
  void nativeAccess() {
    assumeTrue(NativeAccess.available(), "no native access");
  }

  private static MemorySegment ones(int length) {
    return MemorySegment.ofArray(new byte[length]).fill((byte) 1);
  }

  private static void holes(Path path) throws IOException {
    try (OpenFile file = OpenFile.open(path, Access.CREATE)) {
      file.write(0, ones(MIB));
      file.truncate(4 * MIB);
      file.write(3 * MIB, ones(MIB));
      assertThat(file.nextData(0)).isZero();
      assertThat(file.nextHole(0)).isEqualTo(MIB);
      assertThat(file.nextData(MIB + 5)).isEqualTo(3 * MIB);
      assertThat(file.nextHole(3 * MIB)).isEqualTo(4 * MIB);
      assertThat(file.nextData(4 * MIB)).isEqualTo(4 * MIB);
      assertThat(file.nextHole(5 * MIB)).isEqualTo(4 * MIB);

      assertThat(file.punchHole(0, MIB)).isTrue();
      assertThat(file.size()).isEqualTo(4 * MIB);
      assertThat(file.nextData(0)).isEqualTo(3 * MIB);
      MemorySegment back = MemorySegment.ofArray(new byte[MIB]);
      assertThat(file.read(0, back)).isEqualTo(MIB);
      assertThat(back.mismatch(MemorySegment.ofArray(new byte[MIB]))).isEqualTo(-1);

      file.sync();
      // XFS promises itself space behind the end.
      assertThat(file.status().allocatedSize()).isBetween((long) MIB, 3L * MIB);
      assertThat(file.status().allocatedSize())
          .isEqualTo(
              512 * Long.parseLong(Mounts.run(List.of("stat", "-c", "%b", "" + path)).text()));

      if (file.preallocate(MIB, MIB)) {
        assertThat(file.status().allocatedSize()).isGreaterThanOrEqualTo(2 * MIB);
      }
      if (file.zeroRange(3 * MIB, MIB / 2)) {
        file.read(3 * MIB, back);
        assertThat(back.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(back.get(ValueLayout.JAVA_BYTE, MIB / 2)).isEqualTo((byte) 1);
      }
    }
  }

  @Test
  void holesOnTheFileSystemAtHand() throws IOException {
    holes(directory.resolve("f"));
  }

  @Test
  void holesAndFlagsOnExt4() throws IOException {
    try (Mounts ext4 = Mounts.mount(directory, 64L * MIB, "mkfs.ext4", "-q")) {
      holes(ext4.directory().resolve("f"));
      immutable(ext4.directory().resolve("f"));
      Path one = ext4.directory().resolve("f");
      try (OpenFile source = OpenFile.open(one, Access.READ);
          OpenFile target = OpenFile.open(ext4.directory().resolve("g"), Access.CREATE)) {
        assertThat(source.fileSystem()).isEqualTo(FileSystemKind.EXT);
        assertThat(target.cloneRange(source, 0, 0, source.size())).isFalse();
        assertThat(target.size()).isZero();
        assertThat(target.copyRange(source, 3 * MIB, 0, MIB)).isPositive();
      }
    }
  }

  @Test
  void reflinksOnXfs() throws IOException {
    try (Mounts xfs = Mounts.mount(directory, 320L * MIB, "mkfs.xfs", "-q", "-m", "reflink=1")) {
      holes(xfs.directory().resolve("f"));
      immutable(xfs.directory().resolve("f"));
      reflinks(xfs.directory(), FileSystemKind.XFS);
    }
  }

  @Test
  void reflinksOnBtrfs() throws IOException {
    try (Mounts btrfs = Mounts.mount(directory, 320L * MIB, "mkfs.btrfs", "-q")) {
      holes(btrfs.directory().resolve("f"));
      immutable(btrfs.directory().resolve("f"));
      reflinks(btrfs.directory(), FileSystemKind.BTRFS);
    }
  }

  private static void reflinks(Path directory, FileSystemKind kind) throws IOException {
    Path one = directory.resolve("one");
    try (OpenFile source = OpenFile.open(one, Access.CREATE);
        OpenFile target = OpenFile.open(directory.resolve("two"), Access.CREATE)) {
      assertThat(source.fileSystem()).isEqualTo(kind);
      source.write(0, ones(MIB));
      source.write(3 * MIB, ones(MIB + 100));
      assertThat(target.cloneRange(source, 0, 0, source.size())).isTrue();
      assertThat(target.size()).isEqualTo(4 * MIB + 100);
      assertThat(target.nextHole(0)).isEqualTo(MIB);
      target.write(0, MemorySegment.ofArray(new byte[] {7}));
      MemorySegment first = MemorySegment.ofArray(new byte[1]);
      source.read(0, first);
      assertThat(first.get(ValueLayout.JAVA_BYTE, 0)).as("copy on write").isEqualTo((byte) 1);
      assertThat(target.cloneRange(source, 1, 0, 10)).as("unaligned").isFalse();
    }
    assertThat(Files.mismatch(one, directory.resolve("two"))).isZero();
  }

  private static void immutable(Path path) throws IOException {
    assertThat(FileSeal.strength(path)).isEqualTo(FileSeal.Strength.NONE);
    FileSeal.Strength strength = FileSeal.seal(path);
    assertThat(FileSeal.seal(path)).isEqualTo(strength);
    assertThat(strength).isIn(FileSeal.Strength.MODE, FileSeal.Strength.IMMUTABLE);
    if (strength == FileSeal.Strength.IMMUTABLE) {
      assertThat(Mounts.run(List.of("lsattr", "" + path)).text()).contains("i");
      assertThatThrownBy(() -> OpenFile.open(path, Access.WRITE))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("Operation not permitted");
      assertThatThrownBy(() -> Files.delete(path)).isInstanceOf(IOException.class);
    }
    FileSeal.unseal(path);
    assertThat(FileSeal.strength(path)).isEqualTo(FileSeal.Strength.NONE);
    OpenFile.open(path, Access.WRITE).close();
  }

  @Test
  void sealsOnTheFileSystemAtHand() throws IOException {
    immutable(Files.createFile(directory.resolve("f")));
  }

  @Test
  void blockDevicesHaveASizeHolesCanBePunchedInAndOwners() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "loop devices need root");
    Path image = directory.resolve("image");
    try (OpenFile file = OpenFile.open(image, Access.CREATE)) {
      file.truncate(8 * MIB);
      file.write(0, ones(2 * MIB));
    }
    Mounts.Output loop = Mounts.run(List.of("losetup", "--find", "--show", "" + image));
    assumeTrue(loop.ok(), "no loop devices here: " + loop.text());
    try (OpenFile device = OpenFile.open(Path.of(loop.text()), Access.WRITE)) {
      assertThat(device.status().kind()).isEqualTo(FileStatus.Kind.BLOCK_DEVICE);
      assertThat(device.size()).isEqualTo(8 * MIB);
      assertThat(device.nextData(MIB)).isEqualTo(MIB);
      assertThat(device.nextHole(MIB)).isEqualTo(8 * MIB);
      assertThat(device.punchHole(0, MIB)).isTrue();
      MemorySegment first = ones(MIB);
      device.read(0, first);
      assertThat(first.mismatch(MemorySegment.ofArray(new byte[MIB]))).isEqualTo(-1);
      OpenFile taken = OpenFile.open(Path.of(loop.text()), Access.WRITE, Option.EXCLUSIVE);
      assertThatThrownBy(() -> OpenFile.open(Path.of(loop.text()), Access.READ, Option.EXCLUSIVE))
          .hasMessageContaining("busy");
      taken.close();
      assertThat(FileHolder.loopDevices(image)).containsExactly(loop.text().substring(5));
    } finally {
      Mounts.run(List.of("losetup", "--detach", loop.text()));
    }
  }

  @Test
  void directReadsWantAlignment() throws IOException {
    Path path = directory.resolve("f");
    try (OpenFile file = OpenFile.open(path, Access.CREATE)) {
      file.write(0, ones(MIB));
      file.sync();
    }
    try (Arena arena = Arena.ofConfined();
        OpenFile file = openDirect(path)) {
      MemorySegment buffer = arena.allocate(MIB, 4096);
      assertThat(file.read(0, buffer)).isEqualTo(MIB);
      assertThat(buffer.mismatch(ones(MIB))).isEqualTo(-1);
    }
  }

  private static OpenFile openDirect(Path path) throws IOException {
    try {
      return OpenFile.open(path, Access.READ, Option.DIRECT);
    } catch (IOException e) {
      assumeTrue(false, "no direct I/O here: " + e.getMessage());
      throw e;
    }
  }

  @Test
  void locksBelongToTheOpenFile() throws IOException {
    Path path = directory.resolve("f");
    try (OpenFile one = OpenFile.open(path, Access.CREATE);
        OpenFile other = OpenFile.open(path, Access.WRITE);
        OpenFile reader = OpenFile.open(path, Access.READ)) {
      assertThat(one.canLock()).isTrue();
      assertThat(one.lock(Lock.SHARED, 100, 1)).isTrue();
      assertThat(one.lockedByOther(Lock.EXCLUSIVE, 100, 1)).as("our own").isFalse();
      assertThat(other.lock(Lock.SHARED, 100, 1)).isTrue();
      assertThat(other.lock(Lock.EXCLUSIVE, 100, 1)).isFalse();
      assertThat(reader.lockedByOther(Lock.EXCLUSIVE, 100, 1)).isTrue();
      assertThat(reader.lockedByOther(Lock.SHARED, 100, 1)).isFalse();
      assertThat(reader.lockedByOther(Lock.EXCLUSIVE, 101, 1)).isFalse();
      other.unlock(100, 1);
    }
    try (OpenFile one = OpenFile.open(path, Access.WRITE);
        OpenFile other = OpenFile.open(path, Access.READ)) {
      assertThat(other.lockedByOther(Lock.EXCLUSIVE, 0, 1000)).as("gone with it").isFalse();
      assertThat(one.lock(Lock.EXCLUSIVE, 100, 1)).isTrue();
      assertThat(other.lockedByOther(Lock.SHARED, 100, 1)).isTrue();
    }
  }

  @Test
  void theKernelTellsWhetherAnybodyWrites() throws Exception {
    Path path = Files.createFile(directory.resolve("f"));
    try (OpenFile reader = OpenFile.open(path, Access.READ)) {
      assertThat(reader.writers()).isEqualTo(Writers.NONE);
      OpenFile second = OpenFile.open(path, Access.READ);
      assertThat(reader.writers()).as("readers do not count").isEqualTo(Writers.NONE);
      second.close();
      OpenFile writer = OpenFile.open(path, Access.WRITE);
      assertThat(reader.writers()).isEqualTo(Writers.SOME);
      assertThat(FileHolder.of(path)).singleElement().matches(FileHolder::writing);
      writer.close();
      assertThat(reader.writers()).isEqualTo(Writers.NONE);
    }
    Process other =
        new ProcessBuilder("sh", "-c", "exec 5>>\"$0\"; echo; read x", path.toString()).start();
    try (OpenFile reader = OpenFile.open(path, Access.READ)) {
      other.getInputStream().read();
      assertThat(reader.writers()).isEqualTo(Writers.SOME);
      assertThat(FileHolder.of(path))
          .filteredOn(FileHolder::writing)
          .singleElement()
          .hasToString("sh (process %d)".formatted(other.pid()));
    } finally {
      other.getOutputStream().close();
      other.waitFor();
    }
  }

  /// Another process opens the file for writing again and again while we ask: it always succeeds,
  /// and the kernel's signal about it does not end us.
  @Test
  void askingHarmsNeitherUsNorTheWriter() throws Exception {
    Path path = Files.createFile(directory.resolve("f"));
    Process writer =
        new ProcessBuilder(
                "sh",
                "-c",
                "i=0; while [ $i -lt 2000 ]; do : 2>&1 >>\"$0\" || exit 1; i=$((i+1)); done",
                "" + path)
            .start();
    try (OpenFile reader = OpenFile.open(path, Access.READ)) {
      while (writer.isAlive()) {
        assertThat(reader.writers()).isNotEqualTo(Writers.UNKNOWN);
      }
    }
    assertThat(writer.waitFor()).isZero();
  }

  @Test
  void movesOnlyToFreeNamesAndExchanges() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "1");
    Path two = Files.writeString(directory.resolve("two"), "2");
    assertThatThrownBy(() -> FileNames.move(one, two))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("two");
    FileNames.exchange(one, two);
    assertThat(one).content().isEqualTo("2");
    FileNames.move(one, directory.resolve("three"));
    assertThat(one).doesNotExist();
    assertThat(directory.resolve("three")).content().isEqualTo("2");
    FileNames.replace(two, directory.resolve("three"));
    assertThat(directory.resolve("three")).content().isEqualTo("1");
    FileNames.sync(directory);
  }

  @Test
  void adviceIsTaken() throws IOException {
    try (OpenFile file = OpenFile.open(directory.resolve("f"), Access.CREATE)) {
      file.write(0, ones(MIB));
      for (OpenFile.Advice advice : OpenFile.Advice.values()) {
        file.advise(advice, 0, MIB);
      }
      assertThat(file.size()).isEqualTo(MIB);
    }
  }

  @Test
  void aPipeIsNoTerminal() throws Exception {
    // The suite's own streams are pipes or files.
    assertThat(Terminal.width(Terminal.Stream.OUTPUT)).isEmpty();
  }

  @Test
  void aFullFileSystemSaysSo() throws IOException {
    try (Mounts small = Mounts.mount(directory, 8L * MIB, "mkfs.ext4", "-q");
        OpenFile file = OpenFile.open(small.directory().resolve("f"), Access.CREATE)) {
      assertThatThrownBy(() -> file.write(0, ones(16 * MIB)))
          .hasMessageContaining("No space left on device");
    }
  }

  @Test
  void filesMayBeLarge() throws IOException {
    Path path = directory.resolve("big");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    try (OpenFile file = OpenFile.open(path, Access.WRITE)) {
      assertThat(file.size()).isEqualTo(1L << 40);
      file.write((1L << 40) - 1, ones(1));
      assertThat(file.nextData(0)).isEqualTo((1L << 40) - 4096);
    }
  }
}
