package io.calco.store.sftp;

import io.calco.disk.RateLimit;
import io.calco.ssh.SshLogin;
import io.calco.store.backend.Backend;
import io.calco.store.backend.BackendContract;
import io.calco.testkit.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// A directory of OpenSSH's `sshd` keeps the contract.
class SftpDirectoryTest extends BackendContract {
  @TempDir private static Path server;

  private static SshServer sshd;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws IOException {
    sshd = SshServer.start(server);
  }

  @AfterAll
  static void stop() {
    sshd.close();
  }

  static SftpPlace place(SshServer server, Path directory) {
    return new SftpPlace(
        server.user(),
        "127.0.0.1",
        server.port(),
        directory.toString(),
        SshLogin.of(server.directory()));
  }

  static RateLimit unlimited() {
    return RateLimit.of(OptionalLong.empty());
  }

  @Override
  protected Backend open() throws IOException {
    Files.createDirectories(directory.resolve("store"));
    return SftpDirectory.open(place(sshd, directory.resolve("store")), unlimited());
  }
}
