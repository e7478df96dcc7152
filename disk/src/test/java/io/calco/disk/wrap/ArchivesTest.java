package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.Wrapping;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A disk in an archive that another program made is read where it lies.
class ArchivesTest {
  private static final String LONG = "a-directory-with-a-rather-long-name/".repeat(6);

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "tar, tar, tar --format=ustar -cf out notes.txt disk.img",
    "tar, tar, tar --format=pax -cf out disk.img sub",
    "tar, tar, tar --format=gnu -cf out ./disk.img",
    "tar, tar, tar --format=oldgnu -Scf out disk.img",
    "tar, tar, tar --format=gnu -Scf out disk.img notes.txt",
    "tar, tar, tar --format=pax --sparse-version=0.0 -Scf out disk.img",
    "tar, tar, tar --format=pax --sparse-version=0.1 -Scf out disk.img",
    "tar, tar, tar --format=pax --sparse-version=1.0 -Scf out disk.img",
    "gz tar, tar, tar --format=oldgnu -Sczf out disk.img",
    "zst tar, zstd, tar --zstd -cf out disk.img",
    "zip, zip, zip -0 out.zip disk.img notes.txt",
    "zip, zip, zip -9 -r out.zip disk.img sub",
    "zip, zip, cat disk.img | zip -fz- out.zip -",
    "zip tar, zip, tar cf x.tar disk.img; zip -0 out.zip x.tar",
  })
  void giveTheirDisk(String wrappers, String program, String command) {
    Oracle.named(program);
    Seeds.run(
        1,
        random -> {
          byte[] plain = sparse(Samples.disk(1 + random.nextInt(3 << 20), random), random);
          Path file = pack(plain, command);
          Wrapping.Unwrapped unwrapped = Samples.unwrap(file, Samples.options(dir));
          try (var inner = unwrapped.file()) {
            assertThat(unwrapped.wrappers()).isEqualTo(List.of(wrappers.split(" ")));
            Samples.assertHolds(inner, plain, random);
            assertHolesAreZero(inner, plain);
          }
        });
  }

  private static byte[] sparse(byte[] bytes, Random random) {
    for (int i = 0; i < 8; i++) {
      int from = random.nextInt(bytes.length);
      java.util.Arrays.fill(bytes, from, Math.min(bytes.length, from + 200_000), (byte) 0);
    }
    return bytes;
  }

  private static void assertHolesAreZero(io.calco.disk.HostFile file, byte[] plain)
      throws IOException {
    for (long at = 0; at < plain.length; ) {
      long data = file.nextData(at);
      for (long i = at; i < data; i++) {
        assertThat(plain[(int) i]).as("byte %d in a hole", i).isZero();
      }
      at = data == plain.length ? data : file.nextHole(data);
      assertThat(at).isGreaterThan(data - 1);
    }
  }

  /// Runs a command beside `disk.img` (sparse), `notes.txt` and the directory `sub`.
  private Path pack(byte[] plain, String command) throws IOException {
    Files.deleteIfExists(dir.resolve("out.zip"));
    Path disk = dir.resolve("disk.img");
    try (FileChannel channel =
        FileChannel.open(
            disk,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (int at = 0; at < plain.length; at += 4096) {
        var block = java.nio.ByteBuffer.wrap(plain, at, Math.min(4096, plain.length - at));
        if (block.mismatch(java.nio.ByteBuffer.allocate(block.remaining())) >= 0
            || at + 4096 >= plain.length) {
          channel.write(block, at);
        }
      }
    }
    Files.writeString(dir.resolve("notes.txt"), "notes\n");
    Files.createDirectories(dir.resolve("sub").resolve(LONG));
    Files.writeString(dir.resolve("sub").resolve(LONG).resolve("README"), "a long name\n");
    Oracle.named("sh").run("-c", "cd %s && %s".formatted(dir, command)).succeeds();
    Path zip = dir.resolve("out.zip");
    return Files.exists(zip) ? zip : dir.resolve("out");
  }

  @Test
  void askWhichFileIsMeant() throws IOException {
    Path file = pack(new byte[10_000], "cp disk.img 'b\033[31m.img'; tar cf out disk.img b*.img");
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("name one of them: disk.img, b\uFFFD[31m.img");
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir).withMember("c.img")))
        .hasMessageContaining("holds no \"c.img\"");
    try (var inner = Samples.unwrap(file, Samples.options(dir).withMember("disk.img")).file()) {
      assertThat(inner.size()).isEqualTo(10_000);
    }
  }

  @Test
  void areRefusedWithoutADisk() throws IOException {
    Path file = pack(new byte[10], "tar cf out notes.txt sub");
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("holds no disk image; there are: notes.txt, sub/");
  }

  @Test
  void areNotOpenedWithoutEnd() throws IOException {
    Oracle.named("zstd");
    Path file =
        pack(new byte[100], "gzip < disk.img | gzip | zstd > x; rm disk.img; gzip < x > out");
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir)))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("wrapped more than 3 times (our limit): gz in gz in zst in gz");
  }

  @Test
  void cutShortAreFound() throws IOException {
    Path file = pack(new byte[10_000], "tar cf out disk.img; truncate -s 9000 out");
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir)))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("tar member at 0x200: found the end of the file");
  }

  @Test
  void bombsAreRefused() throws IOException {
    Path file = pack(new byte[10], "head -c 50000000 /dev/zero | gzip > out");
    assertThatThrownBy(
            () -> {
              try (var inner =
                  Samples.unwrap(file, Samples.options(dir).withOutputLimit(30_000_000)).file()) {
                inner.size();
              }
            })
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("more than 30000000 bytes");
    assertThatThrownBy(
            () -> {
              try (var inner =
                  Samples.unwrap(file, Samples.options(dir).withRatioLimit(100, 1 << 20)).file()) {
                inner.size();
              }
            })
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("more than 100 times its size");
  }
}
