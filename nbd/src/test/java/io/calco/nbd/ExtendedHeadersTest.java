package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Extended headers byte by byte, with the numbers of the specification (branch
/// `extension-ext-header`): no client of Debian 12 speaks them.
@Timeout(120)
class ExtendedHeadersTest {
  private static final long SIZE = 20L << 30;
  private static final int REPLY = 0x6e8a278c;

  @TempDir private Path directory;
  private Path socket = Path.of("nbd.sock");
  private Image image;
  private NbdServer server;

  @BeforeEach
  void serve() throws IOException {
    socket = directory.resolve("nbd.sock");
    Path file = directory.resolve("big.qcow2");
    Image.create(file, "qcow2", CreateOptions.ofSize(SIZE));
    image =
        Image.open(
            file, ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.WRITE));
    server =
        NbdServer.onUnixSocket(
            socket, List.of(NbdExport.unnamed(image.disk())), NbdServer.Options.defaults());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    image.close();
  }

  private RawClient agree() throws IOException {
    RawClient client = new RawClient(socket).greet();
    client.option(11, ByteBuffer.allocate(0));
    assertThat(client.replies()).isEqualTo(Nbd.REP_ACK);
    client.option(Nbd.OPT_STRUCTURED_REPLY, ByteBuffer.allocate(0));
    assertThat(client.replies()).isEqualTo((1 << 31) + 10);
    assertThat(client.chooseAllocation()).isEqualTo(Nbd.REP_ACK);
    assertThat(client.go()).isEqualTo(Nbd.REP_ACK);
    return client;
  }

  /// A chunk's header.
  ///
  /// @return its payload
  private static ByteBuffer chunk(RawClient client, int flags, int type, long cookie, long offset)
      throws IOException {
    ByteBuffer head = client.take(32);
    assertThat(head.getInt()).isEqualTo(REPLY);
    assertThat(head.getShort()).isEqualTo((short) flags);
    assertThat(head.getShort()).isEqualTo((short) type);
    assertThat(head.getLong()).isEqualTo(cookie);
    assertThat(head.getLong()).isEqualTo(offset);
    return client.take(Math.toIntExact(head.getLong()));
  }

  @Test
  void statusOfMoreThan32Bits() throws IOException {
    try (RawClient client = agree()) {
      image.disk().writeBytes(6L << 30, new byte[] {1});
      client.extendedRequest(0, 7, 4, 0, SIZE);
      ByteBuffer status = chunk(client, 1, 6, 4, 0);
      assertThat(status.getInt()).as("context").isZero();
      assertThat(status.getInt()).as("runs").isEqualTo(3);
      assertThat(status.getLong()).isEqualTo(6L << 30);
      assertThat(status.getLong()).as("hole, zero").isEqualTo(3);
      assertThat(status.getLong()).isEqualTo(65536);
      assertThat(status.getLong()).as("data").isZero();
      assertThat(status.getLong()).isEqualTo(SIZE - (6L << 30) - 65536);
    }
  }

  @Test
  void zeroesOfMoreThan32Bits() throws IOException {
    try (RawClient client = agree()) {
      image.disk().writeBytes(1L << 30, new byte[] {1});
      image.disk().writeBytes(9L << 30, new byte[] {1});
      client.extendedRequest(0, 6, 5, 100, SIZE - 200);
      assertThat(chunk(client, 1, 0, 5, 100).remaining()).isZero();
      assertThat(image.disk().readBytes(1L << 30, 1)).containsExactly(0);
      assertThat(image.disk().readBytes(9L << 30, 1)).containsExactly(0);
    }
  }

  @Test
  void writesSayThatTheyHaveAPayload() throws IOException {
    try (RawClient client = agree()) {
      client.extendedRequest(1 << 5, 1, 6, 8L << 30, 4);
      client.send(ByteBuffer.allocate(4).putInt(0x01020304));
      assertThat(chunk(client, 1, 0, 6, 8L << 30).remaining()).isZero();
      client.extendedRequest(0, 1, 7, 8L << 30, 4);
      assertThat(chunk(client, 1, (1 << 15) + 1, 7, 8L << 30).getInt()).isEqualTo(Nbd.EINVAL);
      client.extendedRequest(1 << 2, 0, 8, (8L << 30) + 1, 2);
      ByteBuffer data = chunk(client, 1, 1, 8, (8L << 30) + 1);
      assertThat(data.getLong()).isEqualTo((8L << 30) + 1);
      assertThat(data.getShort()).isEqualTo((short) 0x0203);
    }
  }

  @Test
  void statusOfChosenContexts() throws IOException {
    try (RawClient client = agree()) {
      client.extendedRequest(1 << 5 | 1 << 3, 7, 9, 0, 12);
      client.send(ByteBuffer.allocate(12).putLong(4096).putInt(0));
      ByteBuffer status = chunk(client, 1, 6, 9, 0);
      assertThat(status.getLong(8)).isEqualTo(4096);
      client.extendedRequest(1 << 5, 7, 10, 0, 12);
      client.send(ByteBuffer.allocate(12).putLong(4096).putInt(77));
      assertThat(chunk(client, 1, (1 << 15) + 1, 10, 0).getInt()).isEqualTo(Nbd.EINVAL);
      client.extendedRequest(0, 2, 11, 0, 0);
    }
  }
}
