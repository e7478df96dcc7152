package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NbdServerTest {
  private static final int SIZE = (5 << 20) + 512;

  @TempDir private Path directory;
  private Path raw = Path.of("disk.raw");
  private Path socket = Path.of("nbd.sock");
  private Image image;
  private NbdServer server;

  @BeforeEach
  void serve() throws IOException {
    raw = directory.resolve("disk.raw");
    socket = directory.resolve("nbd.sock");
    byte[] content = new byte[SIZE];
    new Random(7).nextBytes(content);
    Files.write(raw, content);
    image = Image.open(raw, ImageOptions.reading().withFormat("raw"));
    Disk disk = image.disk();
    server =
        NbdServer.onUnixSocket(
            socket,
            List.of(
                NbdExport.unnamed(disk), new NbdExport("half", disk.slice(0, 1 << 20), List.of())),
            NbdServer.Options.defaults());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    image.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void qemuImgReadsWhatIsThere() {
    compare();
    Oracle.named("qemu-img")
        .run("info", "--output=json", "nbd+unix:///half?socket=" + socket)
        .succeeds()
        .says("\"virtual-size\": 1048576");
  }

  private void compare() {
    Oracle.named("qemu-img")
        .run("compare", "-f", "raw", "-F", "raw", raw, "nbd+unix:///?socket=" + socket)
        .succeeds();
  }

  @Test
  void nothingIsWrittenAndNothingElseIsFound() throws IOException {
    Oracle.named("qemu-io")
        .run("-f", "raw", "-c", "write 0 512", "nbd+unix:///?socket=" + socket)
        .exits(1)
        .says("Permission denied");
    Oracle.named("qemu-img").run("info", "nbd+unix:///other?socket=" + socket).exits(1);
    assertThat(rudeWrite()).isEqualTo(Nbd.EPERM);
  }

  /// A client that writes although it was told that it cannot.
  private int rudeWrite() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      read(channel, 18);
      channel.write(ByteBuffer.allocate(4).putInt(3).flip());
      channel.write(
          ByteBuffer.allocate(16)
              .putLong(Nbd.IHAVEOPT)
              .putInt(Nbd.OPT_EXPORT_NAME)
              .putInt(0)
              .flip());
      assertThat(read(channel, 10).getLong()).isEqualTo(SIZE);
      ByteBuffer request = ByteBuffer.allocate(28 + 512);
      request.putInt(Nbd.REQUEST_MAGIC).putShort((short) 0).putShort((short) Nbd.CMD_WRITE);
      request.putLong(5).putLong(0).putInt(512).position(0);
      channel.write(request);
      ByteBuffer reply = read(channel, 16);
      assertThat(reply.getInt()).isEqualTo(Nbd.SIMPLE_REPLY_MAGIC);
      int error = reply.getInt();
      assertThat(reply.getLong()).isEqualTo(5);
      return error;
    }
  }

  private static ByteBuffer read(SocketChannel channel, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      assertThat(channel.read(bytes)).isPositive();
    }
    return bytes.flip();
  }

  @Test
  void survivesClientsThatSpeakNonsense() {
    Seeds.run(
        50,
        random -> {
          try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer nonsense = ByteBuffer.allocate(4 + 16 + random.nextInt(200));
            random.nextBytes(nonsense.array());
            nonsense.putInt(0, 1 + random.nextInt(2) * 2);
            if (random.nextBoolean()) {
              nonsense.putLong(4, Nbd.IHAVEOPT).putInt(12, random.nextInt(12));
            }
            if (random.nextBoolean()) {
              nonsense.putInt(16, random.nextInt(64));
            }
            assertThatCode(() -> channel.write(nonsense)).doesNotThrowAnyException();
          }
        });
    compare();
  }
}
