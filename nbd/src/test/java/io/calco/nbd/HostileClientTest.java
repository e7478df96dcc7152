package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.MemoryDriver;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that lie, dawdle or crowd, and disks that fail: those who behave are served all the
/// same.
@Timeout(120)
class HostileClientTest {
  private static final int SIZE = 1 << 20;

  @TempDir private Path directory;
  private final List<NbdServer> servers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (NbdServer server : servers) {
      server.close();
    }
  }

  private Path serve(Disk disk, NbdServer.Options options) throws IOException {
    Path socket = directory.resolve("nbd.sock");
    servers.add(NbdServer.onUnixSocket(socket, List.of(NbdExport.unnamed(disk)), options));
    return socket;
  }

  private static Disk memory() {
    return Disk.owning(new MemoryDriver(new byte[SIZE]));
  }

  private static void isServed(Path socket) {
    Oracle.named("nbdinfo")
        .run("--size", "nbd+unix:///?socket=" + socket)
        .succeeds()
        .says(String.valueOf(SIZE));
  }

  @Test
  void nonsenseAfterTheHandshake() throws IOException {
    Path socket = serve(memory(), NbdServer.Options.defaults());
    Seeds.run(
        60,
        random -> {
          try (RawClient client = new RawClient(socket).greet()) {
            int framing = random.nextInt(3);
            if (framing > 0) {
              client.option(
                  framing == 1 ? Nbd.OPT_STRUCTURED_REPLY : Nbd.OPT_EXTENDED_HEADERS,
                  ByteBuffer.allocate(0));
              client.replies();
              client.chooseAllocation();
            }
            client.go();
            for (int i = 0; i < 20; i++) {
              client.send(request(random, framing == 2));
            }
          } catch (IOException hungUp) {
            assertThat(hungUp).isNotNull();
          }
        });
    isServed(socket);
  }

  private static ByteBuffer request(Random random, boolean extended) {
    ByteBuffer request = ByteBuffer.allocate(200);
    request.putInt(extended ? Nbd.EXTENDED_REQUEST_MAGIC : Nbd.REQUEST_MAGIC);
    request.putShort((short) random.nextInt(64)).putShort((short) random.nextInt(10));
    request.putLong(random.nextLong());
    request.putLong(random.nextBoolean() ? random.nextInt(SIZE) : random.nextLong());
    long length = random.nextInt(4) > 0 ? random.nextInt(100) : random.nextLong();
    if (extended) {
      request.putLong(length);
    } else {
      request.putInt((int) length);
    }
    byte[] payload = new byte[random.nextBoolean() ? Math.clamp(length, 0, 100) : 7];
    random.nextBytes(payload);
    return request.put(payload);
  }

  @Test
  void moreThanWasSaidAreHungUpOn() throws IOException {
    Path socket =
        serve(memory(), new NbdServer.Options(Optional.empty(), 2, Duration.ofMinutes(1)));
    try (RawClient one = new RawClient(socket);
        RawClient two = new RawClient(socket)) {
      one.greet();
      two.greet();
      try (RawClient three = new RawClient(socket)) {
        assertThatThrownBy(() -> three.take(1)).isInstanceOf(IOException.class);
      }
      assertThat(one.go()).isEqualTo(Nbd.REP_ACK);
    }
  }

  @Test
  void whoDoesNotChooseIsHungUpOn() throws IOException {
    Path socket =
        serve(memory(), new NbdServer.Options(Optional.empty(), 8, Duration.ofMillis(200)));
    try (RawClient dawdler = new RawClient(socket).greet()) {
      assertThatThrownBy(() -> dawdler.take(1)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void longOptionsArePassedOver() throws IOException {
    Path socket = serve(memory(), NbdServer.Options.defaults());
    try (RawClient client = new RawClient(socket).greet()) {
      client.option(77, ByteBuffer.allocate(100_000).position(100_000));
      assertThat(client.replies()).isEqualTo(Nbd.REP_ERR_TOO_BIG);
      client.option(77, ByteBuffer.allocate(10).position(10));
      assertThat(client.replies()).isEqualTo(Nbd.REP_ERR_UNSUP);
      assertThat(client.chooseAllocation())
          .as("in the simple framing")
          .isEqualTo(Nbd.REP_ERR_INVALID);
      assertThat(client.go()).isEqualTo(Nbd.REP_ACK);
    }
  }

  /// A disk whose second half cannot be read, nor written.
  private static Disk failing() {
    return Disk.owning(
        new DiskDriver() {
          private final MemoryDriver sound = new MemoryDriver(new byte[SIZE]);

          private void check(long offset, long length) throws IOException {
            if (offset + length > SIZE / 2) {
              throw new IOException("/secret/place: a bad sector");
            }
          }

          @Override
          public long size() {
            return SIZE;
          }

          @Override
          public DiskCapabilities capabilities() {
            return sound.capabilities();
          }

          @Override
          public void read(long offset, MemorySegment dst) throws IOException {
            check(offset, dst.byteSize());
            sound.read(offset, dst);
          }

          @Override
          public void write(long offset, MemorySegment src) throws IOException {
            check(offset, src.byteSize());
            sound.write(offset, src);
          }

          @Override
          public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
            check(offset, length);
            sound.writeZeroes(offset, length, mode);
          }

          @Override
          public void discard(long offset, long length) throws IOException {
            check(offset, length);
          }

          @Override
          public Extent extentAt(long offset, long maxLength) {
            return sound.extentAt(offset, maxLength);
          }

          @Override
          public void resize(long newSize) {
            throw new IllegalStateException();
          }

          @Override
          public void flush() {}

          @Override
          public void sync() throws IOException {
            throw new IOException("a full medium: No space left on device");
          }

          @Override
          public void close() {}
        });
  }

  @Test
  void aDiskThatFailsIsToldWithoutItsPlace() throws IOException {
    String at = "nbd+unix:///?socket=" + serve(failing(), NbdServer.Options.defaults());
    Oracle qemuIo = Oracle.named("qemu-io");
    Oracle.Run run =
        qemuIo.run(
            "-f",
            "raw",
            "-c",
            "read 300k 300k",
            "-c",
            "write 1000k 1k",
            "-c",
            "write -z 600k 64k",
            "-c",
            "write -f 0 4k",
            "-c",
            "read 0 4k",
            "-c",
            "write -P 3 8k 4k",
            "-c",
            "read -P 3 8k 4k",
            at);
    assertThat(run.out() + run.err())
        .contains("read failed: Input/output error")
        .contains("write failed: Input/output error")
        .contains("write failed: No space left on device")
        .contains("read 4096/4096 bytes at offset 8192")
        .doesNotContain("secret");
    try (Disk disk = NbdDisk.open(NbdAddress.parse(at), NbdDisk.Options.to(NbdDisk.Access.WRITE))) {
      assertThatThrownBy(() -> disk.readBytes(0, SIZE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the disk fails there");
      assertThat(disk.readBytes(0, SIZE / 2)).hasSize(SIZE / 2);
      assertThatThrownBy(disk::sync)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");
    }
  }

  @Test
  void errorsAreToldAndTheConnectionGoesOn() throws IOException {
    Path socket = directory.resolve("kit.sock");
    try (ForeignServer kit =
            ForeignServer.nbdkit(
                socket,
                "--filter=error",
                "memory",
                SIZE,
                "error-pwrite=ENOSPC",
                "error-pwrite-rate=100%",
                "error-pread=EIO",
                "error-pread-rate=100%",
                "error-pread-file=" + directory.resolve("now"));
        Disk disk = NbdDisk.open(kit.address(), NbdDisk.Options.to(NbdDisk.Access.WRITE))) {
      assertThat(disk.readBytes(0, 4)).containsExactly(0, 0, 0, 0);
      assertThatThrownBy(() -> disk.writeBytes(0, new byte[512]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");
      Files.createFile(directory.resolve("now"));
      assertThatThrownBy(() -> disk.readBytes(512, 512))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("reading 512 bytes at 0x200: input/output error");
      Files.delete(directory.resolve("now"));
      assertThat(disk.readBytes(0, 4)).containsExactly(0, 0, 0, 0);
    }
  }
}
