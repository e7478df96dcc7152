package io.calco.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.ssh.SshLogin;
import io.calco.store.backend.Backend;
import io.calco.testkit.Seeds;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.password.PasswordAuthenticator;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.subsystem.SubsystemFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server that lets everybody in who knows the password, and answers what it likes.
@Timeout(60)
class HostileServerTest {
  private static final Duration PATIENCE = Duration.ofMillis(250);

  @TempDir private Path directory;

  private final SshServer server = SshServer.setUpDefaultServer();
  private SftpPlace place;
  private Answers answers = (kind, id) -> new byte[0];

  /// What to answer to a request: bytes, also of several messages or of none.
  private interface Answers {
    byte[] to(int kind, int id);
  }

  @BeforeEach
  void start() throws Exception {
    var key = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
    server.setKeyPairProvider(KeyPairProvider.wrap(key));
    server.setHost("127.0.0.1");
    PasswordAuthenticator knows =
        (user, password, session) -> user.equals("ana") && password.equals("correct horse");
    server.setPasswordAuthenticator(knows);
    server.setSubsystemFactories(List.of(new Subsystem()));
    server.start();
    Path password = Files.writeString(directory.resolve("password"), "correct horse\n");
    place =
        new SftpPlace(
            "ana",
            "127.0.0.1",
            server.getPort(),
            "/store",
            SshLogin.of(directory)
                .withPasswordFile(password)
                .withFingerprint(KeyUtils.getFingerPrint(key.getPublic())));
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(true);
  }

  private final class Subsystem implements SubsystemFactory {
    @Override
    public String getName() {
      return "sftp";
    }

    @Override
    public Command createSubsystem(ChannelSession channel) {
      return new Speaker();
    }
  }

  /// Speaks on one channel.
  private final class Speaker implements Command {
    private InputStream in;
    private OutputStream out;

    @Override
    public void setInputStream(InputStream from) {
      in = from;
    }

    @Override
    public void setOutputStream(OutputStream to) {
      out = to;
    }

    @Override
    public void setErrorStream(OutputStream err) {}

    @Override
    public void setExitCallback(ExitCallback callback) {}

    @Override
    public void start(ChannelSession channel, Environment environment) {
      Thread.ofVirtual().start(this::speak);
    }

    private void speak() {
      try {
        DataInputStream requests = new DataInputStream(in);
        while (true) {
          byte[] request = new byte[requests.readInt()];
          requests.readFully(request);
          int id = ByteBuffer.wrap(request, 1, 4).getInt();
          out.write(request[0] == 1 ? hello() : answers.to(request[0], id));
          out.flush();
        }
      } catch (IOException | RuntimeException ended) {
        // The client has gone.
      }
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }

  private static byte[] hello() {
    byte[] name = "posix-rename@openssh.com".getBytes(StandardCharsets.UTF_8);
    ByteBuffer hello = ByteBuffer.allocate(9 + 4 + name.length + 5);
    hello.putInt(hello.capacity() - 4).put((byte) 2).putInt(3);
    return hello.putInt(name.length).put(name).putInt(1).put((byte) '1').array();
  }

  private static byte[] answer(int kind, int id, ByteBuffer body) {
    ByteBuffer all = ByteBuffer.allocate(9 + body.remaining());
    return all.putInt(5 + body.remaining()).put((byte) kind).putInt(id).put(body).array();
  }

  private static byte[] directoryAttributes(int id) {
    return answer(Reply.ATTRS, id, ByteBuffer.allocate(8).putInt(4).putInt(0x41ed).flip());
  }

  private static byte[] handle(int id) {
    return answer(Reply.HANDLE, id, ByteBuffer.allocate(5).putInt(1).put((byte) 'h').flip());
  }

  private SftpDirectory open() throws IOException {
    return open(PATIENCE);
  }

  private SftpDirectory open(Duration patience) throws IOException {
    return SftpDirectory.open(place, SftpDirectoryTest.unlimited(), patience);
  }

  @Test
  void logsInWithAPassword() throws IOException {
    answers = (kind, id) -> directoryAttributes(id);
    open().close();
    Files.writeString(directory.resolve("password"), "wrong\n");
    assertThatThrownBy(this::open)
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageContaining("refuses the login of ana with " + directory.resolve("password"))
        .message()
        .doesNotContain("wrong");
  }

  /// Answers of every kind, damaged: each call fails in one line, soon, or gives something.
  @Test
  void noAnswerDoesHarm() {
    Seeds.run(
        4,
        random -> {
          answers = (kind, id) -> directoryAttributes(id);
          try (SftpDirectory sftp = open()) {
            answers = (kind, id) -> damaged(random, id);
            for (int i = 0; i < 12; i++) {
              call(sftp, random);
            }
          }
        });
  }

  private static byte[] damaged(Random random, int id) {
    int kind = 101 + random.nextInt(5);
    byte[] body = new byte[random.nextInt(60)];
    random.nextBytes(body);
    ByteBuffer numbers = ByteBuffer.wrap(body);
    while (numbers.remaining() >= 4 && random.nextInt(3) > 0) {
      numbers.putInt(random.nextBoolean() ? random.nextInt(12) : random.nextInt());
    }
    byte[] answer = random.nextInt(4) == 0 ? handle(id) : answer(kind, id, ByteBuffer.wrap(body));
    switch (random.nextInt(12)) {
      case 0 -> ByteBuffer.wrap(answer).putInt(0, random.nextInt());
      case 1 -> ByteBuffer.wrap(answer).putInt(5, random.nextInt());
      case 2 -> {
        return new byte[0];
      }
      default -> {}
    }
    return answer;
  }

  private static void call(Backend sftp, Random random) {
    try {
      switch (random.nextInt(5)) {
        case 0 -> sftp.put("a/b", List.of(MemorySegment.ofArray(new byte[100_000])));
        case 1 -> assertThat(sftp.get("a", 5000).length).isLessThanOrEqualTo(5000);
        case 2 -> sftp.get("a", 7, MemorySegment.ofArray(new byte[100_000]));
        case 3 -> sftp.list("");
        default -> sftp.delete("a");
      }
    } catch (IOException told) {
      assertThat(told.getMessage()).startsWith("sftp://ana@").doesNotContain("\n");
    }
  }

  @Test
  void endlessDirectoriesEnd() throws IOException {
    answers = (kind, id) -> directoryAttributes(id);
    try (SftpDirectory sftp = open(Duration.ofMinutes(2))) {
      ByteBuffer names = ByteBuffer.allocate(200_000).putInt(0);
      int count = 0;
      while (names.remaining() > 64) {
        names.putInt(1).put((byte) 'd').putInt(0).putInt(4).putInt(0x81a4);
        count++;
      }
      names.putInt(0, count).flip();
      answers = (kind, id) -> kind == 11 ? handle(id) : answer(Reply.NAME, id, names.duplicate());
      assertThatThrownBy(() -> sftp.list(""))
          .isInstanceOf(io.calco.disk.LimitExceededException.class);
    }
  }

  @Test
  void aServerThatDripsIsGivenUp() throws IOException {
    answers = (kind, id) -> directoryAttributes(id);
    try (SftpDirectory sftp = open()) {
      answers = (kind, id) -> new byte[1];
      assertThatThrownBy(() -> sftp.get("a", 10))
          .isInstanceOf(FileSystemException.class)
          .hasMessageEndingWith("the server has not answered for 0 s");
    }
  }
}
