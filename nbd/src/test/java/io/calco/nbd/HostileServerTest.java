package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.ThreadEnd;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Servers that lie: the client ends with an [IOException], soon and without room for what they
/// claim.
@Timeout(120)
class HostileServerTest {
  private static final NbdDisk.Options READING = NbdDisk.Options.to(NbdDisk.Access.READ);
  private static final long SIZE = 1 << 20;

  @TempDir private Path directory;

  private interface Script {
    void play(SocketChannel client) throws IOException;
  }

  private interface Use {
    void of(NbdAddress address) throws IOException;
  }

  /// Plays one connection.
  private void against(Script script, Use use) throws IOException {
    Path socket = directory.resolve("s.sock");
    Thread server;
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket));
      server =
          Thread.ofPlatform()
              .start(() -> {
                try (SocketChannel client = listener.accept()) {
                  script.play(client);
                } catch (IOException clientWent) {
                  assertThat(clientWent).isNotNull();
                }
              });
      use.of(NbdAddress.parse("nbd+unix:///?socket=" + socket));
    } finally {
      Files.deleteIfExists(socket);
    }
    ThreadEnd.await(server);
  }

  private static void send(SocketChannel client, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  private static void take(SocketChannel client, int count) throws IOException {
    InputStream in = Channels.newInputStream(client);
    in.readNBytes(count);
  }

  /// Says what an old server says: no options but a name; one megabyte.
  private static void agree(SocketChannel client) throws IOException {
    send(
        client,
        ByteBuffer.allocate(18)
            .putLong(Nbd.NBDMAGIC)
            .putLong(Nbd.IHAVEOPT)
            .putShort((short) Nbd.FLAG_NO_ZEROES)
            .flip());
    take(client, 4 + 16);
    send(client, ByteBuffer.allocate(10).putLong(SIZE).putShort((short) 3).flip());
  }

  private static ByteBuffer simpleReply(int error, long cookie) {
    return ByteBuffer.allocate(16)
        .putInt(Nbd.SIMPLE_REPLY_MAGIC)
        .putInt(error)
        .putLong(cookie)
        .flip();
  }

  @Test
  void anOldHonestServerIsRead() throws IOException {
    against(
        client -> {
          agree(client);
          take(client, 28);
          send(client, simpleReply(0, 1));
          send(client, ByteBuffer.wrap(new byte[] {1, 2, 3}));
          take(client, 28);
        },
        address -> {
          try (Disk disk = NbdDisk.open(address, READING)) {
            assertThat(disk.size()).isEqualTo(SIZE);
            assertThat(disk.readBytes(100, 3)).containsExactly(1, 2, 3);
          }
        });
  }

  @Test
  void anotherRequestsAnswerIsRefused() throws IOException {
    against(
        client -> {
          agree(client);
          take(client, 28);
          send(client, simpleReply(0, 77));
        },
        address -> {
          try (Disk disk = NbdDisk.open(address, READING)) {
            assertThatThrownBy(() -> disk.readBytes(0, 512))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("answers request 4d, not 1");
            assertThatThrownBy(() -> disk.readBytes(0, 512))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broke before");
          }
        });
  }

  @Test
  void anErrorIsToldAndTheConnectionGoesOn() throws IOException {
    against(
        client -> {
          agree(client);
          take(client, 28);
          send(client, simpleReply(Nbd.EIO, 1));
          take(client, 28);
          send(client, simpleReply(0, 2));
          send(client, ByteBuffer.wrap(new byte[] {9}));
        },
        address -> {
          try (Disk disk = NbdDisk.open(address, READING)) {
            assertThatThrownBy(() -> disk.readBytes(512, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reading 1 bytes at 0x200: input/output error");
            assertThat(disk.readBytes(0, 1)).containsExactly(9);
          }
        });
  }

  @Test
  void silenceEnds() throws IOException {
    NbdDisk.Options impatient =
        new NbdDisk.Options(
            NbdDisk.Access.READ, Optional.empty(), Duration.ofSeconds(30), Duration.ofMillis(10));
    against(
        client -> {
          agree(client);
          take(client, 28 + 1);
        },
        address -> {
          try (Disk disk = NbdDisk.open(address, impatient)) {
            assertThatThrownBy(() -> disk.readBytes(0, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not answer");
          }
        });
    NbdDisk.Options soon =
        new NbdDisk.Options(
            NbdDisk.Access.READ, Optional.empty(), Duration.ofMillis(10), Duration.ofMinutes(1));
    against(
        client -> take(client, 1),
        address ->
            assertThatThrownBy(() -> NbdDisk.open(address, soon))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not answer"));
  }

  /// Every answer of the handshake and of a read and a status query in turn is noise, here and
  /// there in a believable frame.
  @Test
  void nonsenseEnds() {
    Seeds.run(
        60,
        random ->
            against(
                client -> {
                  if (random.nextBoolean()) {
                    send(
                        client,
                        ByteBuffer.allocate(18)
                            .putLong(Nbd.NBDMAGIC)
                            .putLong(Nbd.IHAVEOPT)
                            .putShort((short) random.nextInt(4))
                            .flip());
                  }
                  for (int i = 0; i < 6; i++) {
                    byte[] noise = new byte[random.nextInt(300)];
                    random.nextBytes(noise);
                    ByteBuffer framed = ByteBuffer.allocate(20 + noise.length);
                    framed.putLong(Nbd.REPLY_MAGIC);
                    framed.putInt(new int[] {11, 8, 10, 7}[random.nextInt(4)]);
                    framed.putInt(random.nextBoolean() ? 1 + random.nextInt(4) : 1 << 31 | 1);
                    framed.putInt(random.nextInt(8) == 0 ? random.nextInt() : noise.length);
                    framed.put(noise);
                    send(client, framed.flip());
                  }
                },
                address ->
                    assertThatThrownBy(
                            () -> {
                              try (Disk disk = NbdDisk.open(address, READING)) {
                                disk.extentAt(0, 1);
                                disk.readBytes(0, (int) Math.min(disk.size(), 4096));
                                throw new IOException("noise was taken for a disk");
                              }
                            })
                        .isInstanceOf(IOException.class)));
  }
}
