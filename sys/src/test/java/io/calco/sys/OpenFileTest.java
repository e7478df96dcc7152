package io.calco.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.sys.OpenFile.Access;
import io.calco.sys.OpenFile.Option;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every open file does, through the C library and without it.
class OpenFileTest {
  @TempDir Path directory;

  enum Way {
    NATIVE {
      @Override
      OpenFile open(Path path, Access access, Option... options) throws IOException {
        assumeTrue(NativeAccess.available(), "no native access");
        return OpenFile.open(path, access, options);
      }
    },
    PORTABLE {
      @Override
      OpenFile open(Path path, Access access, Option... options) throws IOException {
        return OpenFile.openPortable(path, access, options);
      }
    };

    abstract OpenFile open(Path path, Access access, Option... options) throws IOException;
  }

  private static MemorySegment random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return MemorySegment.ofArray(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void readsWhatItWroteFromHeapAndNativeMemory(Way way) throws IOException {
    Path path = directory.resolve("f");
    MemorySegment heap = random(1, 700_001); // several bounce buffers and a rest
    try (Arena arena = Arena.ofConfined();
        OpenFile file = way.open(path, Access.CREATE)) {
      MemorySegment out = arena.allocate(heap.byteSize()).copyFrom(heap);
      file.write(3, heap);
      file.write(1_000_000, out);
      assertThat(file.size()).isEqualTo(1_700_001);

      MemorySegment in = arena.allocate(heap.byteSize());
      assertThat(file.read(3, in)).isEqualTo(heap.byteSize());
      assertThat(in.mismatch(heap)).isEqualTo(-1);
      MemorySegment heapIn = MemorySegment.ofArray(new byte[700_001]);
      assertThat(file.read(1_000_000, heapIn)).isEqualTo(heap.byteSize());
      assertThat(heapIn.mismatch(heap)).isEqualTo(-1);
    }
    byte[] all = Files.readAllBytes(path);
    assertThat(MemorySegment.ofArray(all).asSlice(3, 700_001).mismatch(heap)).isEqualTo(-1);
    assertThat(all[0]).isZero();
    assertThat(all[800_000]).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void readingBeyondTheEndIsShort(Way way) throws IOException {
    Path path = Files.write(directory.resolve("f"), new byte[] {1, 2, 3});
    try (OpenFile file = way.open(path, Access.READ);
        Arena arena = Arena.ofConfined()) {
      assertThat(file.read(1, arena.allocate(10))).isEqualTo(2);
      assertThat(file.read(1, MemorySegment.ofArray(new byte[10]))).isEqualTo(2);
      assertThat(file.read(3, arena.allocate(10))).isZero();
      assertThat(file.read(1L << 60, arena.allocate(10))).isZero();
      assertThat(file.read(0, MemorySegment.NULL)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesSenselessRangesAndReadOnlyMemory(Way way) throws IOException {
    try (OpenFile file = way.open(directory.resolve("f"), Access.CREATE)) {
      MemorySegment four = MemorySegment.ofArray(new byte[4]);
      assertThatThrownBy(() -> file.read(-1, four)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.write(Long.MAX_VALUE - 3, four))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.truncate(-1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.read(0, four.asReadOnly()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void truncatesBothWays(Way way) throws IOException {
    try (OpenFile file = way.open(directory.resolve("f"), Access.CREATE)) {
      file.write(0, random(2, 100));
      file.truncate(10);
      file.truncate(50);
      assertThat(file.size()).isEqualTo(50);
      byte[] bytes = new byte[50];
      file.read(0, MemorySegment.ofArray(bytes));
      assertThat(bytes[9]).isEqualTo(random(2, 100).get(ValueLayout.JAVA_BYTE, 9));
      for (int i = 10; i < 50; i++) {
        assertThat(bytes[i]).isZero();
      }
      file.sync();
    }
  }

  @ParameterizedTest
  @EnumSource
  void failuresAreThoseOfTheStandardLibrary(Way way) throws IOException {
    Path here = Files.createFile(directory.resolve("here"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), here);
    assertThatThrownBy(() -> way.open(directory.resolve("gone"), Access.READ))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("gone");
    assertThatThrownBy(() -> way.open(here, Access.CREATE))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> way.open(link, Access.READ, Option.NO_FOLLOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("symbolic links");
    try (OpenFile file = way.open(here, Access.READ)) {
      assertThatThrownBy(() -> file.write(0, MemorySegment.ofArray(new byte[1])))
          .isInstanceOfAny(IOException.class, java.nio.channels.NonWritableChannelException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellsFilesApart(Way way) throws IOException {
    Path one = Files.write(directory.resolve("one"), new byte[5]);
    Path other = Files.write(directory.resolve("other"), new byte[5]);
    Path link = Files.createLink(directory.resolve("link"), one);
    try (OpenFile a = way.open(one, Access.READ);
        OpenFile b = way.open(other, Access.READ);
        OpenFile c = way.open(link, Access.READ)) {
      assertThat(a.status().kind()).isEqualTo(FileStatus.Kind.REGULAR);
      assertThat(a.status().sameFile(c.status())).isTrue();
      assertThat(a.status().sameFile(b.status())).isFalse();
      assertThat(a.status().device()).isEqualTo(Files.getAttribute(one, "unix:dev"));
      assertThat(a.status().inode()).isEqualTo(Files.getAttribute(one, "unix:ino"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesNeedNotBeAscii(Way way) throws IOException {
    Path path;
    try {
      path = directory.resolve("imágenes ?%41 \u00f1");
    } catch (java.nio.file.InvalidPathException locale) {
      path = directory.resolve("plain ?%41");
    }
    way.open(path, Access.CREATE).close();
    assertThat(path).exists();
    way.open(path, Access.READ).close();
  }

  @ParameterizedTest
  @EnumSource
  void aClosedFileRefuses(Way way) throws IOException {
    OpenFile file = way.open(directory.resolve("f"), Access.CREATE);
    file.close();
    file.close();
    assertThatThrownBy(() -> file.read(0, MemorySegment.ofArray(new byte[1])))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
  }

  /// While one thread reads a file of ones, others close it and open files of twos, which get the
  /// same descriptor number: a read must find ones or a closed file.
  @Test
  void closingInUseNeverReachesAnotherFile() throws Exception {
    assumeTrue(NativeAccess.available(), "no native access");
    Path ones = Files.write(directory.resolve("ones"), filled((byte) 1));
    Path twos = Files.write(directory.resolve("twos"), filled((byte) 2));
    try (ExecutorService reader = Executors.newSingleThreadExecutor();
        Arena arena = Arena.ofShared()) {
      MemorySegment buffer = arena.allocate(4096);
      for (int i = 0; i < 300; i++) {
        OpenFile file = OpenFile.open(ones, Access.READ);
        Future<Integer> reads = reader.submit(() -> readUntilClosed(file, buffer));
        Thread.onSpinWait();
        file.close();
        OpenFile other = OpenFile.open(twos, Access.READ);
        assertThat(reads.get()).isNotNegative();
        other.close();
      }
    }
  }

  private static int readUntilClosed(OpenFile file, MemorySegment buffer) throws IOException {
    int reads = 0;
    while (true) {
      try {
        file.read(0, buffer);
      } catch (ClosedChannelException e) {
        return reads;
      }
      reads++;
      assertThat(buffer.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
    }
  }

  private static byte[] filled(byte value) {
    byte[] bytes = new byte[4096];
    java.util.Arrays.fill(bytes, value);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource
  void doesNotWaitForAPipesPeer(Way way) throws Exception {
    Path pipe = directory.resolve("pipe");
    assumeTrue(Mounts.run(java.util.List.of("mkfifo", pipe.toString())).ok(), "mkfifo is not here");
    try (OpenFile file = way.open(pipe, Access.READ)) {
      assertThat(file.status().kind()).isEqualTo(FileStatus.Kind.OTHER);
    } catch (FileSystemException refused) {
      assertThat(refused).hasMessageContaining("no plain file");
    }
  }
}
